import QMP

/// Looks for the reply to `guest-sync-delimited` in a stream of anything: a byte 0xFF, and the line after it.
struct SyncReply: Sendable {
    private static let limit = 256
    /// What came since the last 0xFF; nil: none came, or what follows it is too long to be the reply.
    private var candidate: [UInt8]?

    /// Takes the next bytes.
    ///
    /// - Returns: what follows the reply; nil when it has not come yet.
    mutating func find(_ id: Int, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0xff:
                candidate = []
            case UInt8(ascii: "\n"):
                if let line = candidate, case .success(let json) = QMPServer.Answer(agentLine: line),
                    String(decoding: json, as: UTF8.self) == String(id)
                {
                    return UnsafeRawBufferPointer(rebasing: bytes[(index + 1)...])
                }
                candidate = nil
            default:
                if let count = candidate?.count, count < Self.limit { candidate?.append(byte) } else { candidate = nil }
            }
        }
        return nil
    }
}
