/// Looks for lines that begin with a byte 0xFF in a stream of anything. So begin the replies to `guest-sync-delimited`, and the
/// line by which the kit's agent says that it listens; the text of a terminal has no such byte.
struct DelimitedLines: Sendable {
    /// In bytes; what is longer is neither.
    private static let limit = 256
    /// What came since the last 0xFF; nil: none came, or what follows it is too long.
    private var candidate: [UInt8]?

    /// Takes bytes up to the end of such a line.
    ///
    /// - Returns: the line without the 0xFF and its end, and what follows it; nil when none has ended in `bytes`.
    mutating func next(in bytes: UnsafeRawBufferPointer) -> (line: [UInt8], rest: UnsafeRawBufferPointer)? {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0xff:
                candidate = []
            case UInt8(ascii: "\n"):
                guard let line = candidate else { continue }
                candidate = nil
                return (line, UnsafeRawBufferPointer(rebasing: bytes[index...]))
            default:
                guard let count = candidate?.count else { continue }
                if count < Self.limit { candidate?.append(byte) } else { candidate = nil }
            }
        }
        return nil
    }
}
