import JSON

/// Cuts a byte stream into QMP's lines (QMP specification, "Protocol Specification": JSON objects ended by CRLF;
/// a lone LF is taken as well).
public struct QMPFramer: Sendable {
    /// The stream holds a line longer than the bound.
    public struct LineTooLong: Error, Equatable, Sendable {
        public let limit: Int

        public init(limit: Int) {
            self.limit = limit
        }
    }

    enum Line: Equatable {
        case whole([UInt8])
        /// It was longer than the bound; this is its end.
        case cut(tail: [UInt8])
    }

    private static let tailLength = 64

    private let limit: Int
    /// A line's beginning, without a line end; its end so far when it is too long.
    private var pending: [UInt8] = []
    private var isCut = false

    /// - Parameter limit: bytes in a line at the most.
    public init(limit: Int = 4 << 20) {
        self.limit = limit
    }

    /// Takes the next bytes, split anywhere, and returns the lines they complete, without line ends and empty lines.
    ///
    /// - Throws: when a line is too long; nothing after it is to be trusted.
    public mutating func append(_ bytes: some Sequence<UInt8>) throws(LineTooLong) -> [[UInt8]] {
        var whole: [[UInt8]] = []
        for line in take(bytes) {
            guard case .whole(let line) = line else { throw LineTooLong(limit: limit) }
            whole.append(line)
        }
        if isCut { throw LineTooLong(limit: limit) }
        return whole
    }

    /// The same for a sender that is trusted to go on with a new line after one that is too long.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [Line] {
        var lines: [Line] = []
        var start = 0
        var searched = pending.count
        pending.append(contentsOf: bytes)
        while let end = pending.withUnsafeBytes({ $0.firstOffset(of: UInt8(ascii: "\n"), from: searched) }) {
            let hasReturn = end > start && pending[end - 1] == UInt8(ascii: "\r")
            let line = pending[start..<(hasReturn ? end - 1 : end)]
            if isCut || end - start > limit {
                lines.append(.cut(tail: Array(line.suffix(Self.tailLength))))
                isCut = false
            } else if !line.isEmpty {
                lines.append(.whole(Array(line)))
            }
            start = end + 1
            searched = start
        }
        pending.discard(first: start)
        if pending.count > limit || isCut {
            isCut = true
            pending.discard(first: max(pending.count - Self.tailLength, 0))
        }
        return lines
    }
}
