import Basics
import Linux
import QMP

/// A QEMU that is to end by itself, or that has been killed, without a stop having been asked for.
struct End: Equatable, Sendable {
    enum Cause: Equatable, Sendable {
        /// The guest powered itself off; QEMU flushes and closes the images.
        case flushing
        /// The control channel broke.
        case lost
        /// By SIGKILL, because it could not be worked with.
        case killed

        /// What QEMU has left from then on.
        var patience: Duration {
            switch self {
            case .flushing: .seconds(30)
            case .lost: .seconds(5)
            case .killed: ShutdownLadder.killTime
            }
        }
    }

    var instance: Instance
    let cause: Cause
    var deadline: Instant
    /// Somebody wants the run to end meanwhile.
    var isAskedFor = false
    /// Why a clean end of the guest is no success: PID 1 itself has failed.
    var failure: String?

    init(_ instance: Instance, _ cause: Cause, at now: Instant) {
        (self.instance, self.cause) = (instance, cause)
        deadline = now + cause.patience
    }
}

extension Supervisor {
    /// A QEMU that dies later than this after the guest's start is not started again with another accelerator: a guest
    /// without a serial console never writes, but has its disk in use by then.
    static let stepDownTime = Duration.seconds(60)

    /// Kills a QEMU that cannot be worked with; how it goes on is decided when it has ended.
    mutating func killQEMU(_ instance: Instance, at now: Instant) -> [Action] {
        var killed = End(instance, .killed, at: now)
        if case .ending(let end) = state { (killed.isAskedFor, killed.failure) = (end.isAskedFor, end.failure) }
        state = .ending(killed)
        return instance.pid.map { [.kill(pid: $0, .kill)] } ?? []
    }

    mutating func deadlineReached(in end: End, at now: Instant) -> [Action] {
        if end.cause == .killed {
            return self.end(.qemuFailed, "QEMU does not end even by SIGKILL; leaving without it")
        }
        return [.log(.error, "QEMU does not end by itself")] + killQEMU(end.instance, at: now)
    }

    mutating func qemuEnded(_ status: WaitStatus, lastWords: [String], at now: Instant) -> [Action] {
        if case .stopping = state {
            return withStop(at: now) { $0.qemuEnded(status, lastWords: lastWords, at: now) }
        }
        guard let instance else { return [] }
        let guest = instance.guest
        if guest.isPoweredOff && status == .exited(0) {
            if case .ending(let end) = state {
                if let failure = end.failure {
                    return self.end(.qemuFailed, "QEMU has ended, and the guest cleanly, but \(failure)")
                }
                if afterPowerOff == .wait, !end.isAskedFor { return waitForStart(at: now) }
            }
            return end(.success, "QEMU has ended; all is well")
        }

        let words = lastWords.map { Action.log(.error, QEMUFailure.line(ofLastWord: $0)) }
        let how = guest.describe(status)
        if guest.isPoweredOff || guest.hasWritten { return words + end(.qemuFailed, how) }
        let failure = QEMUFailure(lastWords: lastWords)
        if status != .exited(0), !failure.isFinal, !stepsLeft.isEmpty, instance.age(at: now) < Self.stepDownTime {
            return words + [.log(.warning, "\(how) before the guest's first output; stepping down")]
                + launchNextStep(at: now)
        }
        let remedy = failure.remedy.map { ": \($0)" } ?? ""
        return words + end(failure.exitCode, how + remedy)
    }
}

extension Guest {
    /// A QEMU that ends with 0 and without the guest's power-off was asked to by somebody else, or its guest panicked.
    func describe(_ status: WaitStatus) -> String {
        status == .exited(0)
            ? "QEMU ended without a power-off by the guest (\(downReason ?? "no reason given"))" : "QEMU \(status)"
    }
}
