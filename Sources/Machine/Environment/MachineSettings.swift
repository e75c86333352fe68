import Basics

extension Configuration {
    public enum Accelerator: String, CaseIterable, Sendable { case auto, kvm, tcg }
    public enum MachineType: String, CaseIterable, Sendable { case pc, q35 }

    /// The board, its processors and memory, and its screen.
    public struct MachineSettings: Equatable, Sendable {
        public var ram: MiB?
        public var smp = 1
        public var accelerator = Accelerator.auto
        public var cpu: String?
        public var type = MachineType.pc
        public var extraArguments: [String] = []
        public var vnc = false
        public var vncPasswordFile = "/run/secrets/vnc_password"
    }
}
