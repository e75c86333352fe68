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
        default: result += scalar.legible
        }
    }
    return result + "\""
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
        case _ where !scalar.isSafeToShow: "?"
        default: String(scalar)
        }
    }
    return "'\(escaped.joined())'"
}
