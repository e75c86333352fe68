import Linux
import Machine
import QMP

// What QEMU and the guest tell while the guest runs.
extension Supervisor {
    mutating func handle(_ event: QMPEvent, at now: Instant) -> [Action] {
        switch event {
        case .shutdown(let guest, let reason):
            return machineWentDown(guest: guest, reason: reason, at: now)
        case .reset(let guest, let reason):
            haltLine = nil
            if guest { guestResets += 1 }
            return withAgent(at: now) { $0.guestStarted(at: now) } + [
                .log(.info, "the \(guest ? "guest reset the machine" : "machine was reset") (\(reason))")
            ]
        case .powerdown:
            return [.log(.debug, "the ACPI power button was pressed")]
        case .stop:
            guestIsPaused = true
            agent?.guestPaused()
            // Paused by an operator, or by a fault: QEMU says so only when asked.
            if case .running = phase { return [.send(.queryStatus)] }
            return []
        case .resume:
            guestIsPaused = false
            agent?.guestResumed(at: now)
            return [.log(.debug, "the guest's CPUs run")]
        case .blockIOError(let device, let reason):
            return [.log(.error, "an image could not be read or written: \(device): \(reason)")]
        case .other(let name):
            return [.log(.debug, "QEMU event \(name)")]
        }
    }

    mutating func guestStopped(status: String, at now: Instant) -> [Action] {
        switch status {
        case "internal-error":
            return [.log(.error, "the accelerator failed: QEMU reports \(status)")] + killQEMU(at: now)
        case "running", "shutdown":
            return []
        case "paused":
            return [.log(.info, "the guest is paused")]
        default:
            return [.log(.error, "the guest stands still: QEMU reports \(status)")]
        }
    }

    mutating func machineWentDown(guest: Bool, reason: String, at now: Instant) -> [Action] {
        downReason = reason
        guard guest else { return [.log(.info, "QEMU is shutting the machine down (\(reason))")] }
        // A panic is the guest's doing too, but no power-off.
        guard reason == "guest-shutdown" else { return [.log(.error, "the machine went down (\(reason))")] }
        guestPoweredOff = true
        switch phase {
        case .stopping(let stop):
            if stop.isGuestsTurn { phaseDeadline = stop.killDeadline }
            return [.log(.info, "the guest powered off \((now - stop.began).brief) after the stop was asked for")]
        case .starting, .running:
            phase = .ending(killed: false)
            phaseDeadline = now + Self.flushTime
            return [.log(.info, "the guest powered itself off (\(reason))")]
        case .idle, .ending, .ended:
            return []
        }
    }

    mutating func guestHalted(_ line: String, at now: Instant) -> [Action] {
        guestHasWritten = true
        haltLine = line
        switch phase {
        case .stopping(let stop) where stop.isGuestsTurn && !guestPoweredOff:
            let log = Action.log(
                .info, "the guest halted \((now - stop.began).brief) after the stop was asked for: \"\(line)\"")
            var stop = stop
            stop.isHarmless = true
            return [log] + climb(to: .quit, stop, at: now)
        case .running:
            return [
                .log(.warning, "the guest seems to have halted without powering off; QEMU goes on until it is stopped")
            ]
        case .idle, .starting, .ending, .stopping, .ended:
            return []
        }
    }

    mutating func channelLost(_ reason: String, at now: Instant) -> [Action] {
        guard !channelIsLost, pid != nil else { return [] }
        channelIsLost = true
        // QEMU closes the channel when it ends, so this alone says nothing; that it does not end would.
        let log = Action.log(.debug, "QEMU's control channel is gone: \(reason)")
        switch phase {
        case .idle, .ended, .ending:
            return [log]
        case .starting, .running:
            phase = .ending(killed: false)
            phaseDeadline = now + Self.endTime
            return [log]
        case .stopping(let stop):
            // One that has powered off may still flush; one that was told to quit has its deadline.
            if stop.isGuestsTurn, !guestPoweredOff {
                phaseDeadline = min(now + Self.endTime, stop.killDeadline)
            }
            return [log]
        }
    }
}
