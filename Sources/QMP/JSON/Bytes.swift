extension [UInt8] {
    /// Removes the first `length` bytes; what one huge line took is given back.
    ///
    /// What lies behind the end of an array stays in memory until it is written over. It may have been a password, so it is
    /// zeroed.
    public mutating func discard(first length: Int) {
        if length == 0 { return }
        withUnsafeMutableBytes { bytes in
            let rest = bytes.count - length
            bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[length...]))
            UnsafeMutableRawBufferPointer(rebasing: bytes[rest...]).initializeMemory(as: UInt8.self, repeating: 0)
        }
        if length == count {
            removeAll(keepingCapacity: capacity <= 64 << 10)
        } else {
            removeLast(length)
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
