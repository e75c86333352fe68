extension [UInt8] {
    /// Removes the first `length` bytes; what one huge line took is given back.
    public mutating func discard(first length: Int) {
        if length == 0 { return }
        if length == count {
            removeAll(keepingCapacity: capacity <= 64 << 10)
        } else {
            removeFirst(length)
        }
    }

    /// As text, when all of it is visible ASCII.
    public var asName: String? {
        allSatisfy { 0x21...0x7e ~= $0 } ? String(decoding: self, as: UTF8.self) : nil
    }
}

extension UInt8 {
    var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    var isHexadecimalDigit: Bool {
        isLetterOrDigit && (self <= UInt8(ascii: "9") || self | 0x20 <= UInt8(ascii: "f"))
    }
}
