extension [UInt8] {
    /// A JSON string with its quotes.
    ///
    /// - Parameter text: UTF-8.
    public mutating func append(jsonString text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        append(jsonEscaped: text)
        append(UInt8(ascii: "\""))
    }

    /// What stands between the quotes of a JSON string.
    ///
    /// - Parameter text: UTF-8.
    public mutating func append(jsonEscaped text: UnsafeRawBufferPointer) {
        // What stands for itself is copied in runs.
        var rest = text
        while let place = rest.firstToEscape {
            append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<place]))
            appendEscaped(rest[place])
            rest = UnsafeRawBufferPointer(rebasing: rest[(place + 1)...])
        }
        append(contentsOf: rest)
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0a: append(UInt8(ascii: "n"))
        case 0x0c: append(UInt8(ascii: "f"))
        case 0x0d: append(UInt8(ascii: "r"))
        case 0x22, 0x5c: append(byte)
        default:
            self += byte < 0x10 ? "u000".utf8 : "u001".utf8
            let digit = byte & 0x0f
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a JSON string of this text is the text in quotes.
    public var standsForItselfInJSON: Bool { firstToEscape == nil }

    fileprivate var firstToEscape: Int? {
        // By index: an iterator over raw bytes is several times slower.
        var index = 0
        while index < count {
            let byte = self[index]
            if byte < 0x20 || byte == 0x22 || byte == 0x5c { return index }
            index += 1
        }
        return nil
    }
}

extension String {
    /// A JSON string in ASCII, as QEMU writes its own.
    public var jsonQuoted: String {
        var text = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case " "..."~": text.unicodeScalars.append(scalar)
            default:
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        return text + "\""
    }
}
