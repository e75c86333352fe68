import Basics
import Linux

/// Which accelerators are tried, in order.
public struct Acceleration: Equatable, Sendable {
    /// Never empty; a guest that dies before its first output is started again with the next.
    public let ladder: [LaunchStep]
    /// Why it is this ladder, for the log.
    public let reason: String

    /// Everything TCG can do: `-cpu max` boots GNU Mach and Linux (measured), and a guest finds the features it
    /// was compiled for, which qemu64 (no SSE4, no AVX) withholds.
    static let tcgCPU = "max"
    /// What a KVM that lacks a model-specific register for `host` still runs.
    static let plainCPU = "qemu64"

    /// - Parameters:
    ///   - cpu: the owner's CPU model; it holds on every step.
    ///   - finding: nil when `requested` is `tcg`: then nothing is probed.
    /// - Throws: `.notPermitted` or `.unavailable` when KVM is demanded and is not fast.
    public static func choose(
        _ requested: Configuration.Accelerator, cpu: String? = nil, finding: KVMFinding?, process: ProcessIdentity
    ) throws(Fault) -> Acceleration {
        let translated = LaunchStep(accelerator: .tcg, cpu: cpu ?? tcgCPU)
        let native = LaunchStep(accelerator: .kvm, cpu: cpu ?? "host")
        if requested == .tcg { return Acceleration(ladder: [translated], reason: "QEMU_ACCEL=tcg") }
        let description = finding?.describe(for: process) ?? "KVM was not probed"
        switch (requested, finding?.isFast ?? false) {
        case (.kvm, true):
            return Acceleration(ladder: [native], reason: description)
        case (.kvm, false):
            let kind: Fault.Kind = if case .notPermitted? = finding { .notPermitted } else { .unavailable }
            throw Fault(kind, "QEMU_ACCEL", "kvm cannot be used: \(description); set QEMU_ACCEL=auto to do without")
        case (_, true):
            let plain = cpu == nil ? [LaunchStep(accelerator: .kvm, cpu: plainCPU)] : []
            return Acceleration(ladder: [native] + plain + [translated], reason: description)
        case (_, false):
            return Acceleration(ladder: [translated], reason: "\(description): using TCG")
        }
    }
}
