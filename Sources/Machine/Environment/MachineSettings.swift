import Basics

extension Configuration {
    public enum Accelerator: String, CaseIterable, Sendable { case auto, kvm, tcg }
    public enum MachineType: String, CaseIterable, Sendable { case pc, q35 }
    /// What boots the guest.
    public enum Firmware: String, CaseIterable, Sendable { case bios, uefi }
    /// What the hardware clock shows.
    public enum Clock: String, CaseIterable, Sendable { case utc, localtime }

    /// The board, its processors and memory, and its screen.
    public struct MachineSettings: Equatable, Sendable {
        public var ram: MiB?
        public var smp = 1
        public var accelerator = Accelerator.auto
        public var cpu: String?
        public var type = MachineType.pc
        public var firmware = Firmware.bios
        public var clock = Clock.utc
        /// As POSIX writes it; nil means the zone of `/etc/localtime`.
        public var timeZone: String?
        public var extraArguments: [String] = []
        /// A USB controller.
        public var usb = false
        /// A memory balloon.
        public var balloon = false
        public var vnc = false
        public var vncPasswordFile = "/run/secrets/vnc_password"
    }
}
