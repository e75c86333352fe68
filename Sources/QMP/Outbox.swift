/// What a client has yet to read.
struct Outbox: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ line: some Collection<UInt8>) {
        // Moved only when at least as much is gone as is left.
        if start > bytes.count / 2 {
            bytes.discard(first: start)
            start = 0
        }
        bytes.append(contentsOf: line)
    }

    mutating func discard(first length: Int) {
        start = min(start + max(length, 0), bytes.count)
        if isEmpty {
            bytes.discard(first: bytes.count)
            start = 0
        }
    }
}
