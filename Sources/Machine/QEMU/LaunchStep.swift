/// How the guest's instructions are carried out, and the CPU it sees.
public struct LaunchStep: Equatable, Sendable {
    public enum Accelerator: String, Sendable {
        case kvm, tcg
    }

    public let accelerator: Accelerator
    /// A CPU model with its flags, as `-cpu` takes it.
    public let cpu: String

    public init(accelerator: Accelerator, cpu: String) {
        self.accelerator = accelerator
        self.cpu = cpu
    }
}

extension LaunchStep: CustomStringConvertible {
    public var description: String { "\(accelerator.rawValue) with CPU \(cpu)" }
}
