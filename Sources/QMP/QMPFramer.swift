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
    private var pending: [UInt8] = []

    /// - Parameter limit: bytes in a line at the most.
    public init(limit: Int = 4 << 20) {
        self.limit = limit
    }

    /// Takes the next bytes, split anywhere, and returns the lines they complete, without line ends and empty lines.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(LineTooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if pending.last == UInt8(ascii: "\r") { pending.removeLast() }
                if !pending.isEmpty { lines.append(pending) }
                pending = []
            } else {
                if pending.count == limit { throw LineTooLong(limit: limit) }
                pending.append(byte)
            }
        }
        return lines
    }
}
