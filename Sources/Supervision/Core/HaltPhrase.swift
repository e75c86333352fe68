import CLinux

/// What a guest writes last when it halts without powering off.
enum HaltPhrase {
    /// GNU Mach (`halt_all_cpus` in `i386/i386at/model_dep.c`) writes two lines: "Shutdown completed successfully, now in
    /// tight loop." and "You can safely power off the system or hit ctl-alt-del to reboot". Linux (`kernel/reboot.c`):
    /// "reboot: System halted".
    private static let phrases: [StaticString] = ["now in tight loop", "hit ctl-alt-del to reboot", "System halted"]

    static func isIn(_ line: UnsafeRawBufferPointer) -> Bool {
        guard let start = line.baseAddress else { return false }
        return phrases.contains { clinux_find(start, line.count, $0.utf8Start, $0.utf8CodeUnitCount) != nil }
    }
}
