import Basics
import Linux
import Machine
import QMP

// Deadlines, the end of QEMU and the one exit code.
extension Supervisor {
    mutating func deadlineReached(at now: Instant) -> [Action] {
        phaseDeadline = nil
        switch phase {
        case .idle, .running, .ended:
            return []
        case .starting:
            return [.log(.error, "QEMU has not greeted within \(Self.greetingTime.brief)")] + killQEMU(at: now)
        case .ending(killed: false):
            return [.log(.error, "QEMU does not end by itself")] + killQEMU(at: now)
        case .ending(killed: true):
            return end(.qemuFailed, "QEMU does not end even by SIGKILL; leaving without it")
        case .stopping(let stop):
            return deadlineReached(in: stop, at: now)
        }
    }

    private mutating func deadlineReached(in stop: Stop, at now: Instant) -> [Action] {
        switch stop.rung {
        case .agent where guestPoweredOff || channelIsLost, .powerdown where guestPoweredOff || channelIsLost:
            return [.log(.error, "QEMU does not end by itself")] + climb(to: .kill, stop, at: now)
        case .agent:
            let waited = (now - stop.began).brief
            return [.log(.warning, "the guest agent did not have the guest powered off within \(waited)")]
                + climb(to: .powerdown, stop, at: now)
        case .powerdown where now < stop.began + stop.ladder.quitAfter:
            return pressPowerButton(stop, at: now)
        case .powerdown:
            let waited = (now - stop.began).brief
            return [.log(.warning, "the guest did not power off within \(waited)")] + climb(to: .quit, stop, at: now)
        case .quit:
            return climb(to: .kill, stop, at: now)
        case .kill:
            return end(.stopTimedOut, "QEMU does not end even by SIGKILL; leaving without it")
        }
    }

    /// Kills a QEMU that cannot be worked with; how it goes on is decided when it has ended.
    mutating func killQEMU(at now: Instant) -> [Action] {
        phase = .ending(killed: true)
        phaseDeadline = now + ShutdownLadder.killTime
        return pid.map { [.kill(pid: $0, .kill)] } ?? []
    }

    mutating func qemuEnded(_ status: WaitStatus, lastWords: [String], at now: Instant) -> [Action] {
        pid = nil
        if case .stopping(let stop) = phase { return qemuEnded(status, lastWords: lastWords, in: stop, at: now) }
        if guestPoweredOff && status == .exited(0) { return end(.success, "QEMU has ended; all is well") }

        let words = lastWords.map { Action.log(.error, "QEMU's last words: \($0)") }
        if guestPoweredOff || guestHasWritten {
            return words + end(.qemuFailed, how(status))
        }
        let failure = QEMUFailure(lastWords: lastWords)
        let age = runningSince.map { now - $0 } ?? .zero
        if status != .exited(0), !failure.isFinal, !stepsLeft.isEmpty, age < Self.stepDownTime {
            return words + [.log(.warning, "\(how(status)) before the guest's first output; stepping down")]
                + launchNextStep(at: now)
        }
        let remedy = failure.remedy.map { ": \($0)" } ?? ""
        return words + end(failure.exitCode, how(status) + remedy)
    }

    private mutating func qemuEnded(
        _ status: WaitStatus, lastWords: [String], in stop: Stop, at now: Instant
    ) -> [Action] {
        let elapsed = (now - stop.began).brief
        switch (stop.rung, status) {
        // It may have ended by itself just before the signal that a later rung sends.
        case (_, .exited(0)) where guestPoweredOff:
            return end(.success, "stopped cleanly by \(stop.rung) after \(elapsed)")
        case (.quit, .exited(0)) where stop.isHarmless, (.quit, .killed(.terminate, _)) where stop.isHarmless:
            return end(.success, "stopped cleanly after \(elapsed)")
        case (.kill, _) where stop.isHarmless:
            return end(.qemuFailed, "QEMU did not quit within \(ShutdownLadder.quitTime.brief) and was killed")
        case (.kill, _) where guestPoweredOff:
            return end(.stopTimedOut, "the guest powered off, but QEMU did not end within \(elapsed) and was killed")
        case (.quit, .exited(0)), (.kill, _):
            return end(
                .stopTimedOut, "the guest was cut off by \(stop.rung) after \(elapsed): it did not power off by itself")
        case (.agent, _), (.powerdown, _), (.quit, _):
            let words = lastWords.map { Action.log(.error, "QEMU's last words: \($0)") }
            return words + end(.qemuFailed, "\(how(status)) during the stop")
        }
    }

    /// A QEMU that ends with 0 and without the guest's power-off was asked to by somebody else, or its guest panicked.
    private func how(_ status: WaitStatus) -> String {
        status == .exited(0)
            ? "QEMU ended without a power-off by the guest (\(downReason ?? "no reason given"))" : "QEMU \(status)"
    }

    mutating func end(_ code: ExitCode, _ message: String) -> [Action] {
        phase = .ended
        phaseDeadline = nil
        return [.log(code == .success ? .info : .error, message), .exit(code, reason: message)]
    }
}
