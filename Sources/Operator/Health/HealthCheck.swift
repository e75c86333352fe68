import Basics
import Linux
import Machine
import QMP

/// `drover healthcheck`: asks PID 1, then QEMU, then the guest, all within one deadline.
public struct HealthCheck: Sendable {
    public enum Depth: Equatable, Sendable {
        /// PID 1 and QEMU answer, and the machine runs or was paused.
        case live
        /// The guest answers too.
        case ready
    }

    /// In seconds: those that PID 1 takes for its question to the agent.
    public static let timeouts = DroverCommand.agentTimeouts
    /// In seconds.
    public static let standardTimeout = 5

    private let depth: Depth
    private let timeout: Duration
    private let start: Instant
    private var deadline: Instant { start + timeout }

    public init(_ depth: Depth, timeout: Duration, now start: Instant) {
        self.depth = depth
        self.timeout = timeout
        self.start = start
    }

    public func run(socket: String) -> HealthVerdict {
        do throws(ClientFailure) {
            let connection = try RuntimeSockets.connect(to: socket, until: deadline)
            return run(QMPClient(connection, name: socket))
        } catch {
            return .no("not live: \(error)")
        }
    }

    func run(_ client: QMPClient) -> HealthVerdict {
        do throws(ClientFailure) {
            try ask("PID 1") { () throws(ClientFailure) in try client.negotiate(until: deadline) }
            return check(client)
        } catch {
            return .no("not live: \(error)")
        }
    }

    /// - Parameter client: has negotiated.
    public func check(_ client: QMPClient) -> HealthVerdict {
        let status: DroverStatus
        let runState: String
        do throws(ClientFailure) {
            status = try ask("PID 1") { () throws(ClientFailure) in
                try client.status(until: deadline)
            }
            switch status.state {
            case .ending: return .no("not live: the guest is down, the run is ending")
            case .stopping:
                // QEMU is on its way out, and need not answer.
                let line = "the guest is being stopped\(status.stop.map { " (\(terminalLine($0.reason)))" } ?? "")"
                return depth == .live ? .yes("live: PID 1 answers; \(line)") : .no("not ready: \(line)")
            case .off:
                return depth == .live
                    ? .yes("live: PID 1 answers; \(QMPServer.poweredOff)") : .no("not ready: \(QMPServer.poweredOff)")
            case .starting, .running, .paused: break
            }
            runState = try queryStatus(client)
        } catch {
            return .no("not live: \(error)")
        }
        if let fault = HealthRules.fault(state: status.state, runState: runState) { return .no("not live: \(fault)") }
        if depth == .live { return .yes("live: PID 1 answers, and QEMU says \(runState)") }
        if let reason = HealthRules.unready(state: status.state, runState: runState) {
            return .no("not ready: \(reason)")
        }
        let verdict: HealthVerdict =
            switch HealthRules.question(status) {
            case .settled(let verdict): verdict
            case .agent: ping(client)
            case .port(let probe): probe.run(until: deadline)
            }
        return HealthRules.withHint(verdict, status)
    }

    /// A deadline that has passed is told as who did not answer, and in what time.
    private func ask<Answer>(
        _ who: String, _ body: () throws(ClientFailure) -> Answer
    ) throws(ClientFailure) -> Answer {
        do throws(ClientFailure) {
            return try body()
        } catch {
            guard error.exit == .deadline else { throw error }
            throw ClientFailure(
                .deadline, "\(who) did not answer \(DroverCommand.status.rawValue) within \(timeout.brief)")
        }
    }

    private func queryStatus(_ client: QMPClient) throws(ClientFailure) -> String {
        let reply: ClientMessage
        do throws(ClientFailure) {
            reply = try client.expectSuccess(of: .queryStatus, until: deadline)
        } catch {
            guard error.exit == .deadline else { throw error }
            let spent = "QEMU's main loop did not answer query-status within \(timeout.brief)"
            throw ClientFailure(.deadline, spent)
        }
        guard let state = reply.result?["status"]?.text else {
            throw ClientFailure(.broken, "query-status: QEMU's answer is not understood")
        }
        return terminalLine(state)
    }

    // MARK: The guest

    private func ping(_ client: QMPClient) -> HealthVerdict {
        let asked = Instant.now()
        // PID 1 takes whole seconds; ours may be over before.
        let left = Int((deadline - asked).nanoseconds / 1_000_000_000)
        let seconds = min(max(left, Self.timeouts.lowerBound), Self.timeouts.upperBound)
        do throws(ClientFailure) {
            try client.expectSuccess(of: AgentCommand(execute: "guest-ping", timeout: seconds).qmp, until: deadline)
            return .yes("ready: the guest agent answered guest-ping in \((Instant.now() - asked).brief)")
        } catch {
            guard error.exit != .deadline else {
                return .no("not ready: the guest agent did not answer guest-ping within \(timeout.brief)")
            }
            return .no("not ready: \(error)")
        }
    }
}
