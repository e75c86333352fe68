import Basics

/// The virtual machine in full: nothing is left to QEMU's defaults, nothing has to be looked up any more.
public struct VirtualMachine: Equatable, Sendable {
    /// The descriptors QEMU inherits beside 0, 1 and 2; their numbers are part of its arguments. The files of the drives
    /// come after them, and then those of the firmware.
    public enum InheritedDescriptor: Int32, CaseIterable, Sendable {
        case qmp = 3
        case console
        case agentSerial
        case seed
        case vncPassword
        /// A second control channel, for the commands of PID 1's clients.
        case clients
        case agentChannel
        /// The image of the shared folder's CD.
        case share

        static let firstFile = Int32(3 + allCases.count)
    }

    /// Where the guest's screen is to be seen.
    public enum VNC: Equatable, Sendable {
        /// The path of a Unix socket.
        case socket(String)
        /// TCP port 5900 of every address, with the password from the descriptor `vncPassword`.
        case port

        public static let portNumber: UInt16 = 5900
        /// What DES, with which VNC compares passwords, takes (RFC 6143 §7.2.2). A longer one would be cut in silence.
        public static let longestPassword = SizeLimit(bytes: 8, reason: "which is all that VNC compares")
    }

    /// The shared folder, as the guest sees it.
    public enum Share: Equatable, Sendable {
        /// By 9p. An absolute path.
        case folder(String, isWritable: Bool)
        /// A CD, from the descriptor `share` at first.
        case cd
    }

    public struct Drive: Equatable, Sendable {
        public enum Medium: Sendable { case disk, cdrom }

        public var medium: Medium
        public var image: DiskImage
        public var readOnly: Bool

        public init(_ medium: Medium, _ image: DiskImage, readOnly: Bool) {
            self.medium = medium
            self.image = image
            self.readOnly = readOnly
        }
    }

    /// By which a guest mounts the shared folder.
    static let shareTag = "share"
    /// The shared folder's CD drive.
    public static let shareDeviceID = "share-cd"
    /// Of QEMU's, with the CD of its start.
    public static let shareDescriptorSet = 2
    /// By which guest agents find their port.
    static let agentPortName = "org.qemu.guest_agent.0"
    /// The virtio-serial port of the guest agent's, as QEMU calls it in its events.
    public static let agentChannelID = "agent-channel"

    /// How QEMU reads and writes the drives' images.
    public struct BlockIO: Equatable, Sendable {
        public var cache = Configuration.Cache.writeback
        public var asyncIO = Configuration.AsyncIO.threads
    }

    public struct NetworkCard: Equatable, Sendable {
        public var model: Configuration.NetworkCard
        public var mac: String
        public var forwards: [PortForward]
        public var restricted: Bool

        public init(model: Configuration.NetworkCard, mac: String, forwards: [PortForward], restricted: Bool) {
            self.model = model
            self.mac = mac
            self.forwards = forwards
            self.restricted = restricted
        }
    }

    public var board = Board(type: .pc, storage: .ide)
    /// Nil: the BIOS that QEMU brings.
    public var firmware: UEFIFirmware?
    public var ram: MiB
    public var smp = 1
    /// TCG's cache of translated code (`tb-size`).
    public var translationBuffer: MiB
    public var blockIO = BlockIO()
    /// The system disk first, then further disks; CD-ROMs last.
    public var drives: [Drive]
    /// A CD with the guest's credentials, from the descriptor `seed`.
    public var hasSeed = false
    /// Nil: none.
    public var share: Share?
    public var bootDevice = Configuration.BootDevice.disk
    /// Empty: no network.
    public var networkCards: [NetworkCard] = []
    public var hasAgentPorts = true
    public var hasUSB = false
    public var hasBalloon = false
    public var clock = Configuration.Clock.utc
    /// For QEMU's `TZ`; nil: the zone of `/etc/localtime`.
    public var timeZone: String?
    /// Where the VNC server listens; nil: none.
    public var vnc: VNC?
    /// The path of another VNC server's socket, which takes the power button too; nil: none.
    public var screenSocket: String?
    public var extraArguments: [String] = []

    /// In the order in which QEMU inherits their files.
    public var images: [DiskImage] { drives.map(\.image) + (firmware?.images ?? []) }

    public init(ram: MiB, translationBuffer: MiB, drives: [Drive]) {
        self.ram = ram
        self.translationBuffer = translationBuffer
        self.drives = drives
    }
}
