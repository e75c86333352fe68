import Basics
import Glibc
import Linux
import Machine
import QMP

/// What stays the same during a run, for `drover status`.
public struct RunFacts {
    let accelerationReason: String
    let forwards: [PortForward]
    let readyCheck: Configuration.ReadyCheck
    let lastStop: LastStop
    /// How the run before this one ended.
    private let lastEnd: String?
    /// In milliseconds since 1970.
    private let started: Int

    public init(
        accelerationReason: String, forwards: [PortForward], readyCheck: Configuration.ReadyCheck,
        lastStop: LastStop
    ) {
        self.accelerationReason = accelerationReason
        self.forwards = forwards
        self.readyCheck = readyCheck
        self.lastStop = lastStop
        lastEnd = lastStop.read()
        started = Int(Self.nanoseconds() / 1_000_000)
    }

    /// The text of `READY_CHECK=console:TEXT`.
    public var readyPattern: String? { if case .console(let pattern) = readyCheck { pattern } else { nil } }

    /// The answer to `drover-status`.
    func status(of supervisor: Supervisor, _ counters: DroverStatus.Counters, at now: Instant) -> DroverStatus {
        DroverStatus(
            state: supervisor.status, since: Self.timestamp(now - (supervisor.stateSince ?? now)),
            accelerator: supervisor.instance.map { "\($0.step.accelerator.rawValue), CPU \($0.step.cpu)" } ?? "none",
            acceleratorReason: accelerationReason, guestResets: supervisor.instance?.guest.resets ?? 0,
            qemu: supervisor.qemuStatus, forwards: statusForwards,
            readyCheck: readyCheck(patternIsSeen: supervisor.readiness.isSeen), agent: supervisor.agentStatus,
            stop: supervisor.stopStatus(at: now), lastStop: lastEnd,
            consoleIsSilent: supervisor.instance?.guest.hasWritten == false, counters: counters)
    }

    /// Those that the core keeps, or that are known from the start.
    func counters(of supervisor: Supervisor) -> DroverStatus.Counters {
        var counters = DroverStatus.Counters()
        counters.started = started
        counters.orphansReaped = supervisor.orphansReaped
        counters.restarts = supervisor.children.restarts
        counters.guestPanics = supervisor.instance?.guest.panics ?? 0
        counters.stop = supervisor.stopCount
        counters.lastExit = lastEnd.flatMap(LastStop.exitCode)
        return counters
    }

    /// How the ready check is answered on this machine.
    private func readyCheck(patternIsSeen: Bool) -> DroverStatus.ReadyCheck {
        switch readyCheck {
        case .auto:
            let ssh = forwards.first { $0.transport == .tcp && $0.guestPort == 22 }
            return .auto(address: ssh.map(\.listeningAddress), port: ssh?.hostPort)
        case .agent: return .agent
        case .banner(let port): return .banner(address: address(ofPort: port), port: port)
        case .http(let port, let path): return .http(address: address(ofPort: port), port: port, path: path)
        case .console(let pattern): return .console(pattern: pattern, seen: patternIsSeen)
        case .none: return .none
        }
    }

    /// Where a port of the host that leads to the guest is listened on.
    private func address(ofPort port: UInt16) -> String {
        forwards.first { $0.transport == .tcp && $0.hostPort == port }?.listeningAddress ?? "127.0.0.1"
    }

    private var statusForwards: [DroverStatus.Forward] {
        forwards.map {
            DroverStatus.Forward(
                transport: $0.transport.rawValue, hostAddress: $0.listeningAddress, hostPort: $0.hostPort,
                guestPort: $0.guestPort)
        }
    }

    /// RFC 3339, UTC, `age` ago.
    static func timestamp(_ age: Duration = .zero) -> String {
        let nanoseconds = nanoseconds() - age.nanoseconds
        return LogRecord.format(
            timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000)))
    }

    /// Since 1970.
    private static func nanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
