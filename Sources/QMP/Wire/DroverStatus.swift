/// What PID 1 knows of the run: the answer to the QMP command `drover-status`, in the shape of its JSON.
public struct DroverStatus: Equatable, Sendable {
    public enum State: String, Sendable {
        /// QEMU is being started; the guest's CPUs do not run yet.
        case starting
        case running
        /// The guest's CPUs stand still: an operator paused it, or a fault did.
        case paused
        /// A stop is under way.
        case stopping
        /// The guest is down, or QEMU is lost.
        case ending
        /// The guest has powered itself off, and PID 1 waits for `drover start`.
        case off
    }

    public struct QEMU: Equatable, Sendable {
        public let pid: Int32
        /// As QEMU's greeting gives it, such as `7.2.22`.
        public let version: String

        public init(pid: Int32, version: String) {
            self.pid = pid
            self.version = version
        }
    }

    public struct Forward: Equatable, Sendable {
        /// `tcp` or `udp`.
        public let transport: String
        /// An IPv4 address; `0.0.0.0` is every address.
        public let hostAddress: String
        public let hostPort: UInt16
        public let guestPort: UInt16

        public init(transport: String, hostAddress: String, hostPort: UInt16, guestPort: UInt16) {
            self.transport = transport
            self.hostAddress = hostAddress
            self.hostPort = hostPort
            self.guestPort = guestPort
        }
    }

    public enum AgentState: String, Sendable {
        /// The machine has no port for one.
        case off
        /// Nobody has answered yet, or not for a while.
        case silent
        case answering
    }

    /// How `READY_CHECK` is answered on this machine.
    public enum ReadyCheck: Equatable, Sendable {
        /// The agent, when it answers; else the banner on `port`, when a port of the host leads to the guest's SSH.
        case auto(address: String?, port: UInt16?)
        case agent
        /// The first bytes of the guest on a forwarded port of the host.
        case banner(address: String, port: UInt16)
        /// The status of a `GET` of `path` there.
        case http(address: String, port: UInt16, path: String)
        /// A line of the console that holds `pattern`; `seen` since the guest's last reset.
        case console(pattern: String, seen: Bool)
        case none
    }

    public struct Stop: Equatable, Sendable {
        /// Such as `SIGTERM`, or `drover stop (pid 12, uid 0)`.
        public let reason: String
        /// Such as `rung 2 (ACPI power button)`.
        public let rung: String
        /// Since it was asked for.
        public let seconds: Double

        public init(reason: String, rung: String, seconds: Double) {
            self.reason = reason
            self.rung = rung
            self.seconds = seconds
        }
    }

    public let state: State
    /// When `state` began: RFC 3339, UTC.
    public let since: String
    /// How QEMU was started, such as `tcg` or `kvm, cpu host`.
    public let accelerator: String
    /// Why that one.
    public let acceleratorReason: String
    /// By the guest itself, since QEMU was started.
    public let guestResets: Int
    /// Nil until QEMU has greeted.
    public let qemu: QEMU?
    public let forwards: [Forward]
    public let readyCheck: ReadyCheck
    public let agent: AgentState
    /// The stop under way.
    public let stop: Stop?
    /// How the run before this one ended, when the runtime directory has outlived it.
    public let lastStop: String?
    /// The guest has not written to its first serial port.
    public let consoleIsSilent: Bool
    public let counters: Counters

    public init(
        state: State, since: String, accelerator: String, acceleratorReason: String, guestResets: Int, qemu: QEMU?,
        forwards: [Forward], readyCheck: ReadyCheck, agent: AgentState, stop: Stop?, lastStop: String?,
        consoleIsSilent: Bool = false, counters: Counters = Counters()
    ) {
        self.state = state
        self.since = since
        self.accelerator = accelerator
        self.acceleratorReason = acceleratorReason
        self.guestResets = guestResets
        self.qemu = qemu
        self.forwards = forwards
        self.readyCheck = readyCheck
        self.agent = agent
        self.stop = stop
        self.lastStop = lastStop
        self.consoleIsSilent = consoleIsSilent
        self.counters = counters
    }
}
