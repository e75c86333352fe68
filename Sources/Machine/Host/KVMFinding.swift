import Basics
import Linux

/// What the KVM of this host is worth: a device that opens is not yet one that runs a guest.
public enum KVMFinding: Equatable, Sendable {
    public enum Rate: Equatable, Sendable {
        /// Guest instructions a second.
        case measured(Double)
        /// Not even one chunk ended; it is slower than this.
        case below(Double)
    }

    /// It executed `KVMMeasurement.total` before the deadline.
    case fast(instructionsPerSecond: Double)
    /// It did not; it may interpret every instruction.
    case slow(instructionsPerSecond: Rate)
    case refused(step: KVMMeasurement.Step, errno: Errno)
    /// It did not answer within the deadline.
    case hung(step: KVMMeasurement.Step)
    case wrongAPIVersion(Int32)
    case notPermitted(mode: UInt32, owner: UInt32, group: UInt32)
    case absent
    case foreignArchitecture
    /// The probe itself could not start.
    case probeFailed(Errno)
}

extension KVMFinding {
    public var isFast: Bool {
        if case .fast = self { true } else { false }
    }

    /// One line for the log, with the remedy where there is one.
    public func describe(for process: ProcessIdentity) -> String {
        switch self {
        case .fast(let rate): "KVM is fast (\(millions(rate)) instructions/s)"
        case .slow(.measured(let rate)): "KVM is present but slow (\(millions(rate)) instructions/s)"
        case .slow(.below(let rate)): "KVM is present but slow (under \(millions(rate)) instructions/s)"
        case .refused(let step, let errno): "KVM is present but refused to \(step.verb): \(errno)"
        case .hung(let step): "KVM is present but did not \(step.verb) in time"
        case .wrongAPIVersion(let version): "KVM speaks API version \(version), not 12"
        case .notPermitted(let mode, let owner, let group):
            "KVM is not permitted: \(PermissionHint.kvm(mode: mode, owner: owner, group: group, process))"
        case .absent:
            "KVM is absent (no /dev/kvm; \(ContainerSetting.device("/dev/kvm").phrase(process.orchestrator)))"
        case .foreignArchitecture: "KVM of this architecture does not run x86 guests"
        case .probeFailed(let errno): "KVM could not be probed: \(errno)"
        }
    }
}

extension KVMMeasurement.Step {
    /// Completes "refused to …".
    fileprivate var verb: String {
        switch self {
        case .open: "open /dev/kvm"
        case .apiVersion: "give its API version (KVM_GET_API_VERSION)"
        case .createVM: "create a VM (KVM_CREATE_VM)"
        case .memory: "take memory (KVM_SET_USER_MEMORY_REGION)"
        case .createVCPU: "create a vCPU (KVM_CREATE_VCPU)"
        case .registers: "set registers (KVM_SET_SREGS, KVM_SET_REGS)"
        case .run: "run a guest (KVM_RUN)"
        }
    }
}

/// `1.0 million`, `2300 million`.
private func millions(_ rate: Double) -> String {
    let tenths = Int((min(rate, 1e15) / 1e5).rounded())
    return tenths < 1000 ? "\(tenths / 10).\(tenths % 10) million" : "\(tenths / 10) million"
}
