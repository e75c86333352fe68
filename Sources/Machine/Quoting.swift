/// `text` in double quotes for a message: control characters, quotes and backslashes escaped, so that a name
/// from a file can forge neither a log line nor a terminal command.
func quoted(_ text: some StringProtocol) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": result += "\\\(scalar)"
        case "\n": result += "\\n"
        default:
            // Beside the control characters: the separators and direction marks that reorder a terminal line.
            let isUnsafe =
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                || scalar.properties.generalCategory == .lineSeparator
                || scalar.properties.generalCategory == .paragraphSeparator
            result += isUnsafe ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
    }
    return result + "\""
}

/// `text` as one word of a POSIX shell.
func shellQuoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: Array("/._-+,:@%".utf8).contains(byte)
        }
    }
    if plain, !text.isEmpty, !text.hasPrefix("-") { return text }
    let escaped = text.unicodeScalars.map { scalar -> String in
        switch scalar {
        case "'": "'\\''"
        // A raw line break would split the log line this is shown in.
        case _ where scalar.properties.generalCategory == .control: "?"
        default: String(scalar)
        }
    }
    return "'\(escaped.joined())'"
}

/// `0644`.
func octal(_ mode: UInt32) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
