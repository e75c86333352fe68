extension Substring {
    /// Without ASCII white space at either end: env files with CRLF and YAML blocks leave some behind.
    public var trimmed: Substring {
        var bytes = utf8[...]
        while let first = bytes.first, first.isWhiteSpace { bytes.removeFirst() }
        while let last = bytes.last, last.isWhiteSpace { bytes.removeLast() }
        return Substring(bytes)
    }
}

extension UInt8 {
    public var isWhiteSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    public var isDigit: Bool { (0x30...0x39).contains(self) }
}

/// `a, b or c`.
public func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
}
