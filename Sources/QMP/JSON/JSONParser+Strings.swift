extension JSONParser {
    /// - Returns: UTF-8.
    mutating func string() throws(JSONProblem) -> [UInt8] {
        position += 1
        let start = position
        var decoded: [UInt8] = []
        // What stands for itself is copied in runs.
        var runStart = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                decoded += bytes[runStart..<position]
                position += 1
                return decoded
            case UInt8(ascii: "\\"):
                decoded += bytes[runStart..<position]
                decoded += UTF8.encode(try escape()).map(Array.init) ?? []
                runStart = position
            case 0x20..<0x80:
                position += 1
            case 0x80...:
                try multibyteScalar()
            default:
                throw Self.problem("control character in string")
            }
        }
        throw Self.problem("unterminated string")
    }

    /// Passes one scalar that takes several bytes; surrogates, overlong forms and noncharacters are refused as QEMU does.
    private mutating func multibyteScalar() throws(JSONProblem) {
        let first = bytes[position]
        let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
        guard 0xc2...0xf4 ~= first, position + length <= bytes.count else {
            throw Self.problem("invalid UTF-8 sequence in string")
        }
        var value = UInt32(first & (0xff >> UInt8(length + 1)))
        for offset in 1..<length {
            let byte = bytes[position + offset]
            guard byte & 0xc0 == 0x80 else { throw Self.problem("invalid UTF-8 sequence in string") }
            value = value << 6 | UInt32(byte & 0x3f)
        }
        let smallest: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000
        guard value >= smallest, let scalar = Unicode.Scalar(value), !scalar.isNoncharacter else {
            throw Self.problem("invalid UTF-8 sequence in string")
        }
        position += length
    }

    private mutating func escape() throws(JSONProblem) -> Unicode.Scalar {
        position += 1
        guard position < bytes.count else { throw Self.problem("unterminated string") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw Self.problem("invalid escape sequence in string")
        }
    }

    private mutating func unicodeEscape() throws(JSONProblem) -> Unicode.Scalar {
        let start = position - 2
        var value = try hexadecimal()
        if 0xd800..<0xdc00 ~= value, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try hexadecimal()
            guard 0xdc00..<0xe000 ~= low else { throw invalidCharacter(from: start) }
            value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(value), !scalar.isNoncharacter else { throw invalidCharacter(from: start) }
        return scalar
    }

    private func invalidCharacter(from start: Int) -> JSONProblem {
        Self.problem("\(String(decoding: bytes[start..<position], as: UTF8.self)) is not a valid Unicode character")
    }

    private mutating func hexadecimal() throws(JSONProblem) -> UInt32 {
        guard position + 4 <= bytes.count, bytes[position..<position + 4].allSatisfy(\.isHexadecimalDigit),
            let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw Self.problem("invalid hex escape in string") }
        position += 4
        return value
    }
}

extension Unicode.Scalar {
    fileprivate var isNoncharacter: Bool {
        0xfdd0...0xfdef ~= value || value & 0xfffe == 0xfffe
    }
}
