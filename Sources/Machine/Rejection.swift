/// Why a value was not accepted: one message per reason, each the rest of a line after `NAME: `.
struct Rejection: Error, Equatable {
    let messages: [String]

    init(messages: [String]) {
        self.messages = messages
    }

    /// `reason` continues the quoted value: `is not a size; write …`.
    init(_ value: String, _ reason: String) {
        messages = ["\(quoted(value)) \(reason)"]
    }
}

/// The text in double quotes on one line: what could end a line or steer a terminal is escaped, a long text is cut.
public func quoted(_ text: String, limit: Int = 60) -> String {
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
    var isControl: Bool { value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029 }

    /// False for what a terminal or a log reader may take for an instruction: controls, line separators, and the
    /// marks that reverse the direction of text.
    var isPrintable: Bool {
        if value < 0x7F { return value >= 0x20 }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return true
        }
    }
}

extension Substring {
    /// Without ASCII white space at either end: env files with CRLF and YAML blocks leave some behind.
    var trimmed: Substring {
        var bytes = utf8[...]
        while let first = bytes.first, first.isWhiteSpace { bytes.removeFirst() }
        while let last = bytes.last, last.isWhiteSpace { bytes.removeLast() }
        return Substring(bytes)
    }
}

extension UInt8 {
    var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
}

/// `a, b or c`.
func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
