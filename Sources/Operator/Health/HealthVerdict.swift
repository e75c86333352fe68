import Basics
import Machine
import QMP

/// What a health check says: one line, and yes or no.
public struct HealthVerdict: Equatable, Sendable {
    public let isHealthy: Bool
    public let line: String

    public init(isHealthy: Bool, line: String) {
        (self.isHealthy, self.line) = (isHealthy, line)
    }

    static func yes(_ line: String) -> HealthVerdict { HealthVerdict(isHealthy: true, line: line) }
    static func no(_ line: String) -> HealthVerdict { HealthVerdict(isHealthy: false, line: line) }
}

/// The decisions of `drover healthcheck`; what was asked and what came back are arguments.
enum HealthRules {
    /// What makes a guest ready.
    enum Question: Equatable {
        case agent
        case port(PortProbe)
        /// It is known already.
        case settled(HealthVerdict)
    }

    /// Whether the guest lives, by PID 1's state and what `query-status` says; nil: as far as that goes, it does.
    static func fault(state: DroverStatus.State, runState: String) -> String? {
        switch runState {
        // The last three: a snapshot that an operator takes or loads, and a guest that has put itself to sleep.
        case "running", "paused", "save-vm", "restore-vm", "suspended": nil
        case "prelaunch" where state == .starting: nil
        default: "QEMU says \(terminalLine(runState))"
        }
    }

    /// Why a guest that lives is not ready without being asked anything; nil: it must be asked.
    static func unready(state: DroverStatus.State, runState: String) -> String? {
        switch state {
        case .starting: "the guest is being started"
        case .stopping: "the guest is being stopped"
        case .ending: "the guest is down"
        case .off: QMPServer.poweredOff
        case .running, .paused:
            switch runState {
            case "running": nil
            case "paused": "the guest is paused"
            case "suspended": "the guest is asleep (suspended)"
            default: "a snapshot is being taken or loaded (\(runState))"
            }
        }
    }

    /// What is asked of a guest that runs.
    static func question(_ status: DroverStatus) -> Question {
        switch status.readyCheck {
        case .agent:
            if status.agent == .answering { return .agent }
            let remedy = "set GUEST_AGENT=serial if it is qemu-ga with -m isa-serial"
            return .settled(.no("not ready: no guest agent has shown itself; \(remedy)"))
        case .banner(let address, let port): return ask(address, port)
        case .http(let address, let port, let path): return ask(address, port, .http(path: path))
        case .console(let pattern, let seen):
            let line = "the console \(seen ? "has shown" : "has not shown") \(quoted(pattern, limit: 60))"
            return .settled(seen ? .yes("ready: \(line)") : .no("not ready: \(line) since the last reset"))
        case .none: return .settled(.yes("ready: the guest runs (READY_CHECK=none asks no more)"))
        case .auto(let address, let port):
            if status.agent == .answering { return .agent }
            if let port { return ask(address ?? "127.0.0.1", port) }
            let reason = "no agent answers and no port leads to the guest's SSH"
            return .settled(.no("not ready: nothing to ask: \(reason); set READY_CHECK"))
        }
    }

    /// Where to look when the log has nothing of the guest's.
    static func withHint(_ verdict: HealthVerdict, _ status: DroverStatus) -> HealthVerdict {
        guard !verdict.isHealthy, status.consoleIsSilent else { return verdict }
        return .no("\(verdict.line); its serial console is silent: drover screen shows its screen")
    }

    /// A port that is open on every address is asked on the one that is always there.
    private static func ask(
        _ address: String, _ port: UInt16, _ question: PortProbe.Question = .banner
    ) -> Question {
        .port(PortProbe(address: address == "0.0.0.0" ? "127.0.0.1" : address, port: port, question: question))
    }
}
