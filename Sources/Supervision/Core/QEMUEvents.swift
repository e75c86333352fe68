import Basics
import Linux
import Machine
import QMP

// What QEMU and the guest tell, whatever the phase.
extension Supervisor {
    mutating func handle(_ incoming: QMPSession.Incoming, at now: Instant) -> [Action] {
        switch incoming {
        case .greeting(let version):
            return greeted(version: version, at: now)
        case .answered(.capabilities, _):
            guard case .starting = state else { return [] }
            return [.send(.resume), .send(.queryStatus)]
        case .answered(.queryStatus, let result):
            let status = result["status"]?.text ?? "unknown"
            switch state {
            case .starting(let launch): return guestRuns(in: launch, status: status, at: now)
            case .running(let instance): return guestStands(instance, status: status, at: now)
            case .idle, .ending, .stopping, .poweredOff, .ended: return []
            }
        case .answered(let command, let result) where ScreenReading.owns(command):
            return perform(screen.answered(command, result), at: now)
        case .answered(let command, _) where ShareDesk.owns(command):
            return share.answered(command)
        case .answered(CPURegisters.command, let result):
            return withStop(at: now) { $0.cpusRead(stand: CPURegisters.stand(result), at: now) }
        case .answered(.queryJobs, let jobs):
            return revert { $0.failure = FailedRevert.reason(in: jobs) ?? $0.failure }
        case .answered:
            return []
        case .refused(let command, let reason) where ScreenReading.owns(command):
            return perform(screen.refused(reason), at: now)
        case .refused(let command, let reason) where ShareDesk.owns(command):
            return share.refused(command, reason: reason)
        case .refused(let command, _) where command.name == QMPCommand.cut([]).name:
            // The backup had let it go already.
            return []
        case .refused(let command, let reason):
            return refused(command, reason: reason, at: now)
        case .event(let event):
            return handle(event, at: now)
        case .stray(let text):
            return [.log(.warning, "QEMU sent what nobody asked for: \(text)")]
        }
    }

    private mutating func refused(_ command: QMPCommand, reason: String, at now: Instant) -> [Action] {
        let log = Action.log(.error, "QEMU refused \(command): \(reason)")
        switch state {
        case .starting(let launch) where [.capabilities, .resume, .queryStatus].contains(command):
            return [log] + killQEMU(launch.instance, at: now)
        case .stopping where command == .quit:
            return [log] + withStop(at: now) { $0.quitRefused(at: now) }
        case .idle, .starting, .running, .stopping, .ending, .poweredOff, .ended:
            return [log]
        }
    }

    private mutating func handle(_ event: QMPEvent, at now: Instant) -> [Action] {
        switch event {
        case .shutdown(let guest, let reason):
            return machineWentDown(guest: guest, reason: reason, at: now)
        case .reset(let guest, let reason):
            return machineWasReset(guest: guest, reason: reason, at: now)
        case .powerdown:
            return [.log(.debug, "the ACPI power button was pressed")]
        case .panicked:
            update { $0.guest.panics += 1 }
            return [.log(.error, "the guest's kernel has crashed, as it told QEMU's panic device")]
        case .stop:
            update { $0.guest.isPaused = true }
            agent?.guestPaused()
            // Paused by an operator, or by a fault: QEMU says so only when asked.
            if case .running = state { return [.send(.queryStatus)] }
            return []
        case .resume:
            update { ($0.guest.isPaused, $0.guest.revert) = (false, FailedRevert()) }
            agent?.guestResumed(at: now)
            hints.guestGoesOn(at: now)
            let told = diskErrors.guestGoesOn().map { Action.log(.info, $0) }
            return [told ?? .log(.debug, "the guest's CPUs run")]
        case .blockIOError(let error):
            return diskFailed(error, in: nil, at: now)
        case .portChanged(VirtualMachine.agentChannelID, let isOpen):
            return withAgent(at: now) { $0.channelChanged(isOpen: isOpen, at: now) }
        case .portChanged:
            return []
        case .jobConcluded:
            // Before anybody can have it forgotten.
            return instance?.guest.isPaused == true ? [.send(.queryJobs)] : []
        case .other(let name):
            return [.log(.debug, "QEMU event \(name)")]
        }
    }

    /// A guest that restarts itself does so by every means it knows, one after the other: within a second it is one.
    private mutating func machineWasReset(guest: Bool, reason: String, at now: Instant) -> [Action] {
        readiness.reset()
        hints.reset()
        hints.guestStarted(at: now)
        var isSame = false
        if let last = instance?.guest.lastReset { isSame = now - last < .seconds(1) }
        update {
            ($0.guest.haltLine, $0.guest.shutdownLine) = (nil, nil)
            guard !isSame else { return }
            $0.guest.lastReset = now
            if guest { $0.guest.resets += 1 }
        }
        let what = guest ? "guest reset the machine" : "machine was reset"
        return withAgent(at: now) { $0.guestStarted(at: now) } + [
            .log(isSame ? .debug : .info, "the \(what) (\(reason))")
        ]
    }

    /// QEMU's word on a guest that runs, asked for because its CPUs stopped.
    private mutating func guestStands(_ instance: Instance, status: String, at now: Instant) -> [Action] {
        switch status {
        case "internal-error":
            return [.log(.error, "the accelerator failed: QEMU reports \(status)")] + killQEMU(instance, at: now)
        case "running", "shutdown":
            return []
        case "io-error" where diskErrors.havePaused:
            // The disk's own line has said so.
            return []
        case FailedRevert.runState:
            return revert { $0.leftGuestStopped = true }
        case "paused":
            return [.log(.info, "the guest is paused")]
        default:
            return [.log(.error, "the guest stands still: QEMU reports \(status)")]
        }
    }

    mutating func diskFailed(_ error: QMPEvent.BlockError, in place: DiskPlace?, at now: Instant) -> [Action] {
        diskErrors.occurred(error, in: place, at: now).map { [.log(.error, $0)] } ?? []
    }

    private mutating func machineWentDown(guest: Bool, reason: String, at now: Instant) -> [Action] {
        update { $0.guest.downReason = reason }
        guard guest else { return [.log(.info, "QEMU is shutting the machine down (\(reason))")] }
        // A panic is the guest's doing too, but no power-off.
        guard reason == "guest-shutdown" else { return [.log(.error, "the machine went down (\(reason))")] }
        update { $0.guest.isPoweredOff = true }
        switch state {
        case .stopping:
            return withStop(at: now) { $0.guestPoweredOff(at: now) }
        case .starting(let launch):
            state = .ending(End(launch.instance, .flushing, at: now))
        case .running(let instance):
            state = .ending(End(instance, .flushing, at: now))
        case .idle, .ending, .poweredOff, .ended:
            return []
        }
        return [.log(.info, "the guest powered itself off (\(reason))")] + childrenEnd(at: now)
    }

    mutating func guestWrote(_ finding: ConsoleFinding, at now: Instant) -> [Action] {
        if finding.showsReadiness { readiness.patternSeen() }
        update {
            $0.guest.hasWritten = true
            $0.guest.haltLine = finding.haltLine
            if $0.guest.shutdownLine == nil { $0.guest.shutdownLine = finding.shutdownLine }
        }
        if case .stopping(var stop) = state {
            stop.guestWrote()
            state = .stopping(stop)
        }
        let told = hints.guestWrote(finding, at: now).map { Action.log(.warning, $0) }
        guard let line = finding.haltLine else { return told }
        switch state {
        case .stopping:
            return told + withStop(at: now) { $0.guestHalted(line, at: now) }
        case .running:
            return told + [
                .log(.warning, "the guest seems to have halted without powering off; QEMU goes on until it is stopped")
            ]
        case .idle, .starting, .ending, .poweredOff, .ended:
            return told
        }
    }

    mutating func channelLost(_ reason: String, at now: Instant) -> [Action] {
        guard let instance, instance.pid != nil, !instance.channelIsLost else { return [] }
        update { $0.channelIsLost = true }
        // QEMU closes the channel when it ends, so this alone says nothing. It is a fault only if QEMU does not end.
        let log = Action.log(.debug, "QEMU's control channel is gone: \(reason)")
        switch state {
        case .starting(let launch):
            state = .ending(End(launch.instance, .lost, at: now))
        case .running(let instance):
            state = .ending(End(instance, .lost, at: now))
        case .stopping:
            return [log]
                + withStop(at: now) {
                    $0.channelLost(at: now)
                    return []
                }
        case .idle, .ending, .poweredOff, .ended:
            break
        }
        return [log]
    }
}
