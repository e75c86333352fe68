import JSON

/// What QEMU's human monitor says of the guest's CPUs.
public enum CPURegisters {
    public static let command = QMPCommand.human("info registers -a")

    private static let interruptFlag: UInt64 = 0x200

    /// Every CPU has halted with interrupts disabled: nothing but a reset wakes it. A guest that is idle lets interrupts in.
    ///
    /// - Parameter answer: for each CPU its flags, as `EFL=00000046` or `RFL=…`, and `HLT=1`, among others.
    public static func stand(_ answer: JSONValue) -> Bool {
        let fields = (answer.text ?? "").split { $0 == " " || $0.isNewline }
        let flags = fields.filter { $0.hasPrefix("EFL=") || $0.hasPrefix("RFL=") }
        let halts = fields.filter { $0.hasPrefix("HLT=") }
        guard !halts.isEmpty, halts.count == flags.count, halts.allSatisfy({ $0 == "HLT=1" }) else { return false }
        return flags.allSatisfy { UInt64($0.dropFirst(4), radix: 16).map { $0 & interruptFlag == 0 } ?? false }
    }
}
