/// Bytes on their way to somebody who takes them as he can. Whoever fills it bounds it.
struct Outbox: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes += more
    }

    /// Hands the bytes to `write`, which says how many it took.
    mutating func write(_ write: (_ bytes: [UInt8], _ start: Int) -> Int) {
        if isEmpty { return }
        start += write(bytes, start)
        if start == bytes.count {
            bytes = []
            start = 0
        } else if start > 1 << 16, start > bytes.count / 2 {
            bytes.removeFirst(start)
            start = 0
        }
    }
}
