/// What a VGA adapter shows in its usual text mode: 80 × 25 cells of a character and an attribute, from the top left.
public struct TextScreen: Equatable, Sendable {
    public static let columns = 80
    public static let rows = 25
    static let byteCount = columns * rows * 2

    /// Two bytes a cell: the code in the adapter's font, and the attribute (low four bits foreground, high four background).
    public let cells: [UInt8]

    /// - Returns: nil when they are not that many.
    public init?(cells: [UInt8]) {
        guard cells.count == Self.byteCount else { return nil }
        self.cells = cells
    }

    /// The text of each row, without the blanks that end it.
    public var lines: [String] {
        (0..<Self.rows).map { row in
            var text = ""
            for column in 0..<width(ofRow: row, { code, _ in !CodePage437.isBlank(code) }) {
                text.unicodeScalars.append(CodePage437.scalar(cell(row, column).code))
            }
            return text
        }
    }

    /// The same with colours (ECMA-48 §8.3.117, SGR). A blank is kept where its background shows.
    public var colouredLines: [String] {
        (0..<Self.rows).map { row in
            let width = width(ofRow: row) { code, attribute in !CodePage437.isBlank(code) || attribute >> 4 != 0 }
            guard width > 0 else { return "" }
            var text = ""
            var current: UInt8?
            for column in 0..<width {
                let (code, attribute) = cell(row, column)
                if attribute != current {
                    text += "\u{1B}[\(Self.parameter(attribute & 15, 30));\(Self.parameter(attribute >> 4, 40))m"
                    current = attribute
                }
                text.unicodeScalars.append(CodePage437.scalar(code))
            }
            return text + "\u{1B}[0m"
        }
    }

    private func cell(_ row: Int, _ column: Int) -> (code: UInt8, attribute: UInt8) {
        let place = (row * Self.columns + column) * 2
        return (cells[place], cells[place + 1])
    }

    private func width(ofRow row: Int, _ shows: (UInt8, UInt8) -> Bool) -> Int {
        let last = (0..<Self.columns).last {
            let (code, attribute) = cell(row, $0)
            return shows(code, attribute)
        }
        return last.map { $0 + 1 } ?? 0
    }

    /// The adapter counts blue, green, red; a terminal red, green, blue. Bright colours are 60 further.
    private static func parameter(_ colour: UInt8, _ base: Int) -> Int {
        let hue = Int(colour & 1) << 2 | Int(colour & 2) | Int(colour & 4) >> 2
        return base + hue + (colour & 8 == 0 ? 0 : 60)
    }
}
