extension Substring {
    /// Without ASCII white space at either end: env files with CRLF and YAML blocks leave some behind.
    public var trimmed: Substring {
        var bytes = utf8[...]
        while let first = bytes.first, first.isWhiteSpace { bytes.removeFirst() }
        while let last = bytes.last, last.isWhiteSpace { bytes.removeLast() }
        return Substring(bytes)
    }

    /// What stands between the separators, unless it is empty. By bytes: splitting by characters would cost a tenth of the
    /// start-up budget on a long mountinfo.
    public func fields(at separator: Unicode.Scalar) -> [Substring] {
        var parts: [Substring] = []
        var start = startIndex
        while start < endIndex {
            let end = utf8[start...].firstIndex(of: UInt8(ascii: separator)) ?? endIndex
            if start < end { parts.append(self[start..<end]) }
            start = end == endIndex ? end : utf8.index(after: end)
        }
        return parts
    }
}

extension UInt8 {
    public var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    public var isDigit: Bool { (0x30...0x39).contains(self) }
}

extension Int {
    /// Digits only, where `Int(_:)` would take a sign; nil also on overflow.
    public init?(decimal text: some StringProtocol) {
        guard text.utf8.allSatisfy(\.isDigit) else { return nil }
        self.init(text)
    }
}
