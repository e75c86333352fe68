import CLinux

/// A text that a line of the guest's console holds when the guest is ready (`READY_CHECK=console:PATTERN`).
struct ReadyPattern {
    private let pattern: [UInt8]
    private var seenAtReset: Int?

    init(_ pattern: String) {
        self.pattern = Array(pattern.utf8)
    }

    /// - Parameter resets: how often the machine was reset; what was seen before does not count.
    mutating func look(in line: UnsafeRawBufferPointer, resets: Int) {
        guard seenAtReset != resets, let start = line.baseAddress else { return }
        if clinux_find(start, line.count, pattern, pattern.count) != nil { seenAtReset = resets }
    }

    func isSeen(resets: Int) -> Bool {
        seenAtReset == resets
    }
}
