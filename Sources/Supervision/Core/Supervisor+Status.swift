import Linux
import QMP

// What `drover status` shows.
extension Supervisor {
    public var isRunning: Bool { if case .running = phase { true } else { false } }

    var state: DroverStatus.State {
        switch phase {
        case .idle, .starting: .starting
        case .running: guestIsPaused ? .paused : .running
        case .stopping: .stopping
        case .ending, .ended: .ending
        }
    }

    var agentState: DroverStatus.AgentState {
        agent.map { $0.isAnswering ? .answering : .silent } ?? .off
    }

    var qemu: DroverStatus.QEMU? {
        guard let pid, let qemuVersion else { return nil }
        return DroverStatus.QEMU(pid: pid, version: qemuVersion)
    }

    func stopStatus(at now: Instant) -> DroverStatus.Stop? {
        guard case .stopping(let stop) = phase else { return nil }
        return DroverStatus.Stop(
            reason: stop.reason, rung: "\(stop.rung)",
            seconds: Double((now - stop.began).nanoseconds / 1_000_000) / 1000)
    }
}
