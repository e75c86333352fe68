/// The text in double quotes on one line: what could end a line or steer a terminal is escaped, so that a name from a
/// file can forge neither a log line nor a terminal command. A text of more than `limit` characters is cut.
public func quoted(_ text: some StringProtocol, limit: Int = .max) -> String {
    var result = "\""
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < limit else {
            result += "…"
            break
        }
        count += 1
        switch scalar {
        case "\"", "\\":
            result += "\\"
            result.unicodeScalars.append(scalar)
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        default:
            if scalar.isPrintable {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
    }
    return result + "\""
}

extension Unicode.Scalar {
    /// C0, DEL, C1, and the separators that end a line.
    public var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029 }

    /// False for what a terminal or a log reader may take for an instruction: controls, line separators, and the
    /// marks that reverse the direction of text.
    public var isPrintable: Bool {
        if value < 0x7F { return value >= 0x20 }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return true
        }
    }
}

/// `text` as one word of a POSIX shell.
public func shellQuoted(_ text: String) -> String {
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
        case _ where !scalar.isPrintable: "?"
        default: String(scalar)
        }
    }
    return "'\(escaped.joined())'"
}

/// `0644`.
public func octal(_ mode: UInt32) -> String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
