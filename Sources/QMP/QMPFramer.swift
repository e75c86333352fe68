import Glibc

/// Cuts a byte stream into QMP's lines (QMP specification, "Protocol Specification": JSON objects ended by CRLF;
/// a lone LF is taken as well).
public struct QMPFramer: Sendable {
    /// The stream holds a line longer than the bound; nothing after it can be trusted.
    public struct LineTooLong: Error, Equatable, Sendable {
        public let limit: Int

        public init(limit: Int) {
            self.limit = limit
        }
    }

    private let limit: Int
    /// A line's beginning, without a line end.
    private var pending: [UInt8] = []

    /// - Parameter limit: bytes in a line at the most.
    public init(limit: Int = 4 << 20) {
        self.limit = limit
    }

    /// Takes the next bytes, split anywhere, and returns the lines they complete, without line ends and empty lines.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(LineTooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = 0
        var searched = pending.count
        pending.append(contentsOf: bytes)
        while let end = pending.withUnsafeBytes({ $0.firstOffset(of: UInt8(ascii: "\n"), from: searched) }) {
            guard end - start <= limit else { throw LineTooLong(limit: limit) }
            let hasReturn = end > start && pending[end - 1] == UInt8(ascii: "\r")
            let line = pending[start..<(hasReturn ? end - 1 : end)]
            if !line.isEmpty { lines.append(Array(line)) }
            start = end + 1
            searched = start
        }
        pending.discard(first: start)
        guard pending.count <= limit else { throw LineTooLong(limit: limit) }
        return lines
    }
}

extension UnsafeRawBufferPointer {
    /// memchr(3): a line may have millions of bytes.
    func firstOffset(of byte: UInt8, from start: Int) -> Int? {
        guard let baseAddress, start < count else { return nil }
        guard let found = memchr(baseAddress + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - baseAddress
    }
}

extension [UInt8] {
    /// Removes the first `length` bytes; what one huge line took is given back.
    mutating func discard(first length: Int) {
        if length == 0 { return }
        if length == count {
            removeAll(keepingCapacity: capacity <= 64 << 10)
        } else {
            removeFirst(length)
        }
    }
}
