/// The characters of a PC's text screen: code page 437, with the pictures that the control codes have there.
enum CodePage437 {
    private static let scalars = Array(
        """
         ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼ !"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_\
        `abcdefghijklmnopqrstuvwxyz{|}~⌂ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
        └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{20}
        """.unicodeScalars)

    static func scalar(_ code: UInt8) -> Unicode.Scalar {
        scalars.indices.contains(Int(code)) ? scalars[Int(code)] : " "
    }

    static func isBlank(_ code: UInt8) -> Bool { code == 0 || code == 0x20 || code == 0xFF }
}
