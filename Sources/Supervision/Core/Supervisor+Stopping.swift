import Basics
import Linux
import Machine
import QMP

// The stop ladder.
extension Supervisor {
    mutating func handle(_ signal: Signal, from sender: Int32, at now: Instant) -> [Action] {
        switch SignalPolicy(for: signal) {
        case .stop:
            // The first signal after drover stop, or after a terminal has closed, is no impatience.
            if case .stopping(var stop) = phase, !stop.isSignalled {
                stop.isSignalled = true
                phase = .stopping(stop)
                return [.log(.info, "\(signal): the guest is being stopped already; the next one will not wait for it")]
            }
            let actions = requestStop(because: "\(signal)", at: now)
            if case .stopping(var stop) = phase {
                stop.isSignalled = true
                phase = .stopping(stop)
            }
            return actions
        case .stopOnce:
            if case .stopping = phase { return [] }
            return requestStop(because: "\(signal)", at: now)
        case .stopNow:
            return requestStop(because: "\(signal)", atOnce: true, at: now)
        case .reap, .fatal, .kernel:
            return []
        case .ignore:
            return [.log(.debug, "\(signal) from pid \(sender) is ignored")]
        }
    }

    mutating func handle(_ request: StopRequest, at now: Instant) -> [Action] {
        // Asking twice is no impatience: only force shortens a stop.
        if case .stopping = phase, !request.isForced {
            return [.log(.info, "\(request.reason): the guest is being stopped already")]
        }
        let ladder = request.budget.map(ShutdownLadder.init(budget:)) ?? ladder
        return requestStop(because: request.reason, atOnce: request.isForced, ladder, at: now)
    }

    private mutating func requestStop(
        because reason: String, atOnce: Bool = false, _ ladder: ShutdownLadder? = nil, at now: Instant
    ) -> [Action] {
        let ladder = ladder ?? self.ladder
        switch phase {
        case .idle:
            return end(.success, "\(reason) before QEMU was started")
        case .starting:
            // The CPUs have not run for more than an instant, so the guest loses nothing: no need for the control channel.
            phase = .stopping(Stop(reason: reason, began: now, ladder: ladder, rung: .quit, isHarmless: true))
            phaseDeadline = now + ShutdownLadder.quitTime
            return [.log(.info, "\(reason) before the guest ran: ending QEMU")]
                + (pid.map { [.kill(pid: $0, .terminate)] } ?? [])
        case .running:
            let stop = Stop(reason: reason, began: now, ladder: ladder, rung: .powerdown, isHarmless: haltLine != nil)
            return begin(stop, atOnce: atOnce, at: now)
        case .stopping(let stop):
            guard stop.isGuestsTurn, !guestPoweredOff else {
                return [.log(.info, "\(reason): already at \(stop.rung)")]
            }
            return [.log(.warning, "\(reason) again: not waiting for the guest any longer")]
                + climb(to: .quit, stop, at: now)
        case .ending(killed: false):
            stepsLeft = []
            phaseDeadline = min(phaseDeadline ?? now, now + ladder.quitAfter + ShutdownLadder.quitTime)
            return [.log(.info, "\(reason): QEMU is ending already")]
        case .ending(killed: true):
            stepsLeft = []
            return [.log(.info, "\(reason): QEMU has been killed already")]
        case .ended:
            return []
        }
    }

    private mutating func begin(_ stop: Stop, atOnce: Bool, at now: Instant) -> [Action] {
        if let haltLine {
            return [.log(.info, "\(stop.reason): the guest has halted already: \"\(haltLine)\"")]
                + climb(to: .quit, stop, at: now)
        }
        if atOnce {
            return [.log(.warning, "\(stop.reason): not waiting for the guest")] + climb(to: .quit, stop, at: now)
        }
        let ladder = stop.ladder
        let isAgentThere = agent?.isAnswering ?? false
        let first =
            isAgentThere
            ? "guest agent now, ACPI power button after \(ladder.powerdownAfter.brief)" : "ACPI power button now"
        let kill = ladder.quitAfter + ShutdownLadder.quitTime
        let log = Action.log(
            .info,
            "\(stop.reason): stopping the guest; \(first), quit after \(ladder.quitAfter.brief), SIGKILL after \(kill.brief)"
        )
        let resume: [Action] =
            guestIsPaused ? [.log(.info, "the guest is paused; resuming it first"), .send(.resume)] : []
        return [log] + resume + climb(to: isAgentThere ? .agent : .powerdown, stop, at: now)
    }

    private mutating func askAgent(_ stop: Stop, at now: Instant) -> [Action] {
        phaseDeadline = stop.began + stop.ladder.powerdownAfter
        return withAgent(at: now) { $0.shutDown(at: now) }
    }

    /// The agent was asked to shut the guest down, and will not.
    mutating func shutdownFailed(reason: String, at now: Instant) -> [Action] {
        guard case .stopping(let stop) = phase, stop.rung == .agent, !guestPoweredOff else { return [] }
        return [.log(.warning, "the guest agent does not shut the guest down: \(quoted(reason, limit: 200))")]
            + climb(to: .powerdown, stop, at: now)
    }

    mutating func pressPowerButton(_ stop: Stop, at now: Instant) -> [Action] {
        phaseDeadline = min(now + ShutdownLadder.powerdownInterval, stop.began + stop.ladder.quitAfter)
        return [.send(.powerdown)]
    }

    mutating func climb(to rung: ShutdownLadder.Rung, _ stop: Stop, at now: Instant) -> [Action] {
        var stop = stop
        stop.rung = rung
        phase = .stopping(stop)
        switch rung {
        case .agent:
            return askAgent(stop, at: now)
        case .powerdown:
            return pressPowerButton(stop, at: now)
        case .quit:
            if channelIsLost { return climb(to: .kill, stop, at: now) }
            phaseDeadline = now + ShutdownLadder.quitTime
            return [.log(stop.isHarmless ? .info : .warning, "\(rung)"), .send(.quit)]
        case .kill:
            phaseDeadline = now + ShutdownLadder.killTime
            return [.log(.error, "\(rung)")] + (pid.map { [.kill(pid: $0, .kill)] } ?? [])
        }
    }
}
