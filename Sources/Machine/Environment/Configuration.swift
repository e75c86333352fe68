import Basics

/// What the owner asked for, parsed from the environment once. Nil means "decide from what the host has".
///
/// `Variable.all` declares the variables; `Configuration.parse` reads them.
public struct Configuration: Equatable, Sendable {
    public enum Accelerator: String, CaseIterable, Sendable { case auto, kvm, tcg }
    public enum MachineType: String, CaseIterable, Sendable { case pc, q35 }
    public enum Storage: String, CaseIterable, Sendable { case ide, sata, virtio }
    public enum Network: String, CaseIterable, Sendable { case e1000, rtl8139, pcnet, virtio, none }
    public enum BootDevice: String, CaseIterable, Sendable { case disk, cdrom }
    public enum Cache: String, CaseIterable, Sendable { case none, writeback, writethrough, unsafe }
    public enum AsyncIO: String, CaseIterable, Sendable {
        case ioUring = "io_uring"
        case native, threads
    }
    public enum DiskFormat: String, CaseIterable, Sendable { case qcow2, raw }
    public enum Seed: String, CaseIterable, Sendable { case auto, on, off }
    public enum GuestAgent: String, CaseIterable, Sendable { case auto, off }
    public enum LogFormat: String, CaseIterable, Sendable { case text, json }
    public enum QMPPolicy: String, CaseIterable, Sendable {
        case readOnly = "read-only"
        case `operator`, full
    }

    /// A disk as the owner names it.
    public struct Disk: Equatable, Sendable {
        public var path: String
        public var format: DiskFormat?
        public var readOnly: Bool

        public init(path: String, format: DiskFormat? = nil, readOnly: Bool = false) {
            self.path = path
            self.format = format
            self.readOnly = readOnly
        }
    }

    public var drive = Disk(path: "/opt/hurd-image/debian-hurd-amd64.qcow2")
    public var createDisk = false
    public var diskSize: MiB?
    public var disks: [Disk] = []
    public var cdrom: String?
    public var boot = BootDevice.disk
    public var ram: MiB?
    public var smp = 1
    public var accelerator = Accelerator.auto
    public var cpu: String?
    public var machine = MachineType.pc
    public var storage = Storage.ide
    public var network = Network.e1000
    /// Six octets, `52:54:00:…`; nil: derived from the disk.
    public var mac: String?
    public var networkRestricted = false
    public var ports = [PortForward(hostPort: 2222, guestPort: 22), PortForward(hostPort: 8080, guestPort: 80)]
    public var cache = Cache.writeback
    /// `UNSAFE_CACHE`, the older way to write `cache = .unsafe`; `cache` says what counts.
    public var unsafeCache = false
    public var asyncIO: AsyncIO?
    public var extraArguments: [String] = []
    public var vnc = false
    public var vncPasswordFile = "/run/secrets/vnc_password"
    /// What this and the two after it lead to is a secret, or none of a log's business: only the paths are shown.
    public var rootPasswordFile = "/run/secrets/root_password"
    public var userPasswordFile = "/run/secrets/agents_password"
    public var authorizedKeysFile = "/run/secrets/authorized_keys"
    public var weakPasswordsAllowed = false
    public var guestUser = "agents"
    public var guestHostname = "hurd"
    public var seed = Seed.auto
    public var userDataFile: String?
    public var networkConfigFile: String?
    /// In seconds.
    public var shutdownTimeout = ShutdownBudget.standard
    public var guestAgent = GuestAgent.auto
    public var consoleLog = true
    public var logFormat = LogFormat.text
    public var logLevel = LogLevel.info
    public var qmpPolicy = QMPPolicy.operator
    public var readyCheck = ReadyCheck.auto
    public var runtimeDirectory = "/run/drover"

    public init() {}
}
