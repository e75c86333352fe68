import Linux
import Machine
import QMP

// From the launch to the moment the guest's CPUs run.
extension Supervisor {
    mutating func launchNextStep(at now: Instant) -> [Action] {
        guard let step = stepsLeft.popFirst() else { return end(.qemuFailed, "there is no way left to start QEMU") }
        phase = .starting
        pid = nil
        channelIsLost = false
        launchedAt = now
        self.step = step
        qemuVersion = nil
        guestResets = 0
        resets = 0
        runningSince = nil
        phaseDeadline = nil
        return [.log(.info, "starting QEMU: \(step)"), .launch(step)]
    }

    mutating func launched(_ pid: Int32, at now: Instant) -> [Action] {
        guard self.pid == nil else { return [.log(.error, "pid \(pid) was launched beside another QEMU")] }
        self.pid = pid
        switch phase {
        case .starting:
            phaseDeadline = now + Self.greetingTime
            return []
        case .stopping:
            return [.kill(pid: pid, .terminate)]
        case .idle, .running, .ending, .ended:
            return [.log(.error, "pid \(pid) was launched without being asked for")]
        }
    }

    mutating func launchFailed(_ errno: Errno) -> [Action] {
        if case .stopping = phase { return end(.success, "stopped before QEMU was started") }
        switch errno {
        case .noSuchFile: return end(.unavailable, "QEMU cannot be executed: \(errno)")
        case .permissionDenied, .notPermitted: return end(.notPermitted, "QEMU cannot be executed: \(errno)")
        case .noMemory, .wouldBlock: return end(.tryAgain, "QEMU cannot be started now: \(errno)")
        default: return end(.qemuFailed, "QEMU cannot be started: \(errno)")
        }
    }

    mutating func handle(_ incoming: QMPSession.Incoming, at now: Instant) -> [Action] {
        switch incoming {
        case .greeting(let version):
            guard case .starting = phase else { return [] }
            phaseDeadline = now + Self.greetingTime
            qemuVersion = version
            let elapsed = launchedAt.map { (now - $0).brief } ?? "?"
            return [
                .log(.info, "QEMU \(version) greets, pid \(pid ?? 0), after \(elapsed)"), .send(.capabilities),
            ]
        case .answered(.capabilities, _):
            guard case .starting = phase else { return [] }
            return [.send(.resume), .send(.queryStatus)]
        case .answered(.queryStatus, let result):
            let status = result["status"]?.text ?? "unknown"
            switch phase {
            case .starting: return guestRuns(status: status, at: now)
            case .running: return guestStopped(status: status, at: now)
            case .idle, .ending, .stopping, .ended: return []
            }
        case .answered:
            return []
        case .refused(let command, let reason):
            return refused(command, reason: reason, at: now)
        case .event(let event):
            return handle(event, at: now)
        case .stray(let text):
            return [.log(.warning, "QEMU sent what nobody asked for: \(text)")]
        }
    }

    mutating func guestRuns(status: String, at now: Instant) -> [Action] {
        phase = .running
        runningSince = now
        phaseDeadline = nil
        let fromAgent = withAgent(at: now) { $0.guestStarted(at: now) }
        if status == "running" { return [.log(.info, "the guest runs")] + fromAgent }
        return [.log(.warning, "QEMU reports the guest as \(status) right after its start")] + fromAgent
    }

    mutating func refused(_ command: QMPCommand, reason: String, at now: Instant) -> [Action] {
        let log = Action.log(.error, "QEMU refused \(command.name): \(reason)")
        switch (command, phase) {
        case (.capabilities, .starting), (.resume, .starting), (.queryStatus, .starting):
            return [log] + killQEMU(at: now)
        case (.quit, .stopping(let stop)) where stop.rung == .quit:
            return [log] + climb(to: .kill, stop, at: now)
        default:
            return [log]
        }
    }
}
