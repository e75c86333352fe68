import Basics
import Linux

// How a stop went, once QEMU has ended.
extension Stop {
    func qemuEnded(_ status: WaitStatus, lastWords: [String], at now: Instant) -> [Action] {
        let poweredOff = instance.guest.isPoweredOff
        switch (rung, status) {
        // It may have ended by itself just before the signal that a later rung sends.
        case (_, .exited(0)) where poweredOff:
            return cleanEnd("stopped cleanly by \(rung) after \(elapsed(now))")
        case (.quit, .exited(0)) where isHarmless, (.quit, .killed(.kill, _)) where !instance.hasGreeted:
            let by = haltRung.map { " by \($0)" } ?? ""
            return cleanEnd("stopped cleanly\(by) after \(elapsed(now))")
        case (.kill, _) where isHarmless:
            return [.end(.qemuFailed, "QEMU did not quit within \(ShutdownLadder.quitTime.brief) and was killed")]
        case (.kill, _) where poweredOff:
            let message = "the guest powered off, but QEMU did not end within \(elapsed(now)) and was killed"
            return [.end(.stopTimedOut, message)]
        case (.quit, .exited(0)), (.kill, _):
            let how =
                instance.guest.shutdownLine == nil
                ? "it did not power off by itself" : "it was shutting down, and not done"
            let message = "the guest was cut off by \(rung) after \(elapsed(now)): \(how)"
            return [.end(.stopTimedOut, message)]
        case (.agent, _), (.powerdown, _), (.quit, _):
            return lastWords.map { .log(.error, QEMUFailure.line(ofLastWord: $0)) }
                + [.end(.qemuFailed, "\(instance.guest.describe(status)) during the stop")]
        }
    }

    private func cleanEnd(_ message: String) -> [Action] {
        failure.map { [.end(.qemuFailed, "\(message), because \($0)")] } ?? [.end(.success, message)]
    }
}
