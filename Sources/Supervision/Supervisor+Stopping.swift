import Linux
import Machine
import QMP

// The stop ladder.
extension Supervisor {
    mutating func handle(_ signal: Signal, from sender: Int32, at now: Instant) -> [Action] {
        switch SignalPolicy(for: signal) {
        case .stop:
            return requestStop(because: "\(signal)", at: now)
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

    mutating func requestStop(because reason: String, atOnce: Bool = false, at now: Instant) -> [Action] {
        switch phase {
        case .idle:
            return end(.success, "\(reason) before QEMU was started")
        case .starting:
            // The CPUs have not run for more than an instant, so the guest loses nothing: no need for the control channel.
            phase = .stopping(Stop(began: now, rung: .quit, isHarmless: true))
            nextDeadline = now + ShutdownLadder.quitTime
            return [.log(.info, "\(reason) before the guest ran: ending QEMU")]
                + (pid.map { [.kill(pid: $0, .terminate)] } ?? [])
        case .running:
            return beginStop(because: reason, atOnce: atOnce, at: now)
        case .stopping(let stop):
            guard stop.rung == .powerdown, !guestPoweredOff else {
                return [.log(.info, "\(reason): already at \(stop.rung)")]
            }
            return [.log(.warning, "\(reason) again: not waiting for the guest any longer")]
                + climb(to: .quit, stop, at: now)
        case .ending(killed: false):
            stepsLeft = []
            nextDeadline = min(nextDeadline ?? now, now + ladder.quitAfter + ShutdownLadder.quitTime)
            return [.log(.info, "\(reason): QEMU is ending already")]
        case .ending(killed: true):
            stepsLeft = []
            return [.log(.info, "\(reason): QEMU has been killed already")]
        case .ended:
            return []
        }
    }

    mutating func beginStop(because reason: String, atOnce: Bool, at now: Instant) -> [Action] {
        let stop = Stop(began: now, rung: .powerdown, isHarmless: haltLine != nil)
        if let haltLine {
            return [.log(.info, "\(reason): the guest has halted already: \"\(haltLine)\"")]
                + climb(to: .quit, stop, at: now)
        }
        if atOnce {
            return [.log(.warning, "\(reason): not waiting for the guest")] + climb(to: .quit, stop, at: now)
        }
        let kill = ladder.quitAfter + ShutdownLadder.quitTime
        let log = Action.log(
            .info,
            "\(reason): stopping the guest; ACPI power button now, quit after \(ladder.quitAfter.brief), SIGKILL after \(kill.brief)"
        )
        let resume: [Action] =
            guestIsPaused ? [.log(.info, "the guest is paused; resuming it first"), .send(.resume)] : []
        return [log] + resume + pressPowerButton(stop, at: now)
    }

    mutating func pressPowerButton(_ stop: Stop, at now: Instant) -> [Action] {
        phase = .stopping(stop)
        nextDeadline = min(now + ShutdownLadder.powerdownInterval, stop.began + ladder.quitAfter)
        return [.send(.powerdown)]
    }

    mutating func climb(to rung: ShutdownLadder.Rung, _ stop: Stop, at now: Instant) -> [Action] {
        var stop = stop
        stop.rung = rung
        phase = .stopping(stop)
        switch rung {
        case .powerdown:
            return pressPowerButton(stop, at: now)
        case .quit:
            if channelIsLost { return climb(to: .kill, stop, at: now) }
            nextDeadline = now + ShutdownLadder.quitTime
            return [.log(stop.isHarmless ? .info : .warning, "\(rung)"), .send(.quit)]
        case .kill:
            nextDeadline = now + ShutdownLadder.killTime
            return [.log(.error, "\(rung)")] + (pid.map { [.kill(pid: $0, .kill)] } ?? [])
        }
    }

    /// The latest moment at which a QEMU that does not end by itself is killed.
    func killDeadline(of stop: Stop) -> Instant {
        stop.began + ladder.quitAfter + ShutdownLadder.quitTime
    }
}
