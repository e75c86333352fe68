/// How large a file may be at the most.
public struct SizeLimit: Sendable {
    public let bytes: Int
    /// Why, to follow the limit in a message.
    public let reason: String?

    public init(bytes: Int, reason: String? = nil) {
        self.bytes = bytes
        self.reason = reason
    }

    /// `511 bytes`, `64 KiB`.
    public var text: String { bytes % 1024 == 0 ? "\(bytes >> 10) KiB" : "\(bytes) bytes" }
}
