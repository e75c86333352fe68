import JSON
import Linux
import QMP

extension EventLoop {
    /// The answer to `drover-status`.
    func statusJSON() -> [UInt8] {
        let now = Instant.now()
        let isSeen = readyPattern?.isSeen(resets: supervisor.resets) ?? false
        let status = DroverStatus(
            state: supervisor.state, since: RunFacts.timestamp(now - (supervisor.stateSince ?? now)),
            accelerator: supervisor.step.map { "\($0.accelerator.rawValue), CPU \($0.cpu)" } ?? "none",
            acceleratorReason: facts.accelerationReason, guestResets: supervisor.guestResets,
            qemu: supervisor.qemu, forwards: facts.statusForwards,
            readyCheck: facts.readyCheck(patternIsSeen: isSeen), agent: supervisor.agentState,
            stop: supervisor.stopStatus(at: now), lastStop: facts.lastStop)
        return status.jsonValue.encoded()
    }
}
