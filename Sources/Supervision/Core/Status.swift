import Linux
import QMP

// What `drover status` shows.
extension Supervisor {
    var status: DroverStatus.State {
        switch state {
        case .idle, .starting: .starting
        case .running(let instance): instance.guest.isPaused ? .paused : .running
        case .stopping: .stopping
        case .poweredOff: .off
        case .ending, .ended: .ending
        }
    }

    var agentStatus: DroverStatus.AgentState {
        agent.map { $0.isAnswering ? .answering : .silent } ?? .off
    }

    var qemuStatus: DroverStatus.QEMU? {
        guard let instance, let pid = instance.pid, let version = instance.version else { return nil }
        return DroverStatus.QEMU(pid: pid, version: version)
    }

    /// What came of the stop of this run, if there is one.
    var stopCount: DroverStatus.Counters.Stop? {
        guard case .stopping(let stop) = state else { return nil }
        return DroverStatus.Counters.Stop(
            rung: stop.rung.rawValue,
            outcome: stop.instance.guest.isPoweredOff || stop.isHarmless
                ? .clean : stop.isGuestsTurn ? .underWay : .cutOff)
    }

    func stopStatus(at now: Instant) -> DroverStatus.Stop? {
        guard case .stopping(let stop) = state else { return nil }
        return DroverStatus.Stop(
            reason: stop.order.reason, rung: "\(stop.rung)",
            seconds: Double((now - stop.began).nanoseconds / 1_000_000) / 1000)
    }
}
