import CLinux

/// What a guest writes last when it halts without powering off.
enum HaltPhrase {
    /// GNU Mach (`kern/machine.c`: "Shutdown completed successfully, now in tight loop."); Linux
    /// (`kernel/reboot.c`: "reboot: System halted").
    private static let phrases: [StaticString] = ["now in tight loop", "System halted"]

    static func isIn(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let start = line.baseAddress else { return false }
        return phrases.contains { clinux_find(start, line.count, $0.utf8Start, $0.utf8CodeUnitCount) != nil }
    }
}
