import JSON

/// Bytes on their way to a reader that takes them at its own pace. Whoever fills it bounds it.
public struct Outbox: Sendable {
    /// Those from `start` on are to be written.
    public private(set) var bytes: [UInt8] = []
    public private(set) var start = 0

    public init() {}

    public var count: Int { bytes.count - start }
    public var isEmpty: Bool { count == 0 }

    public mutating func append(_ line: some Collection<UInt8>) {
        // Moved only when at least as much is gone as is left.
        if start > bytes.count / 2 {
            bytes.discard(first: start)
            start = 0
        }
        bytes.append(contentsOf: line)
    }

    public mutating func discard(first length: Int) {
        start = min(start + max(length, 0), bytes.count)
        if isEmpty {
            bytes.discard(first: bytes.count)
            start = 0
        }
    }
}
