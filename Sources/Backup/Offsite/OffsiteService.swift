import Basics
import Linux
import Machine
import Operator

/// What `drover offsite serve` does, as PID 1 of a container of its own: sends the backups by the clock, until it is to end.
public final class OffsiteService {
    private let restic: Restic
    private let copy: OffsiteCopy
    private let health: OffsiteHealth
    private let log: (LogLevel, String) -> Void
    private var state: OffsiteState

    /// - Parameter log: takes a line.
    public init(
        _ restic: Restic, _ folder: BackupFolder, _ settings: Configuration.OffsiteSettings, _ health: OffsiteHealth,
        log: @escaping (LogLevel, String) -> Void
    ) {
        self.restic = restic
        self.health = health
        self.log = log
        copy = OffsiteCopy(restic, folder, settings, log: log)
        state = OffsiteState(settings, began: currentSecond())
    }

    public func run() throws(ClientFailure) {
        try health.write(state)
        do throws(ClientFailure) {
            state.found(lastSnapshot: try copy.last())
            log(.info, "backups are sent elsewhere by OFFSITE_SCHEDULE (\(state.schedule.text)); \(state.text)")
        } catch {
            fail(error)
        }
        while !restic.isStopping {
            try health.write(state)
            let now = currentSecond()
            let due = state.nextTry(now)
            if due <= now {
                attempt()
            } else {
                // The clock may jump.
                try restic.pause(until: .now() + .seconds(min(due - now, 60)))
            }
        }
        log(.info, "ended by a signal")
    }

    private func attempt() {
        do throws(ClientFailure) {
            try copy.send()
            state.sent(at: currentSecond())
        } catch {
            fail(error)
            return
        }
        guard state.isCheckDue(currentSecond()) else { return }
        do throws(ClientFailure) {
            try copy.check()
            state.checked(damage: nil, at: currentSecond())
        } catch {
            guard !restic.isStopping else { return }
            log(error.exit == .deadline ? .warning : .error, error.message)
            if error.exit != .deadline { state.checked(damage: error.message, at: currentSecond()) }
        }
    }

    private func fail(_ error: ClientFailure) {
        // What was cut short is no news.
        guard !restic.isStopping else { return }
        state.failed(error.message, at: currentSecond())
        log(.error, "the backups could not be sent elsewhere: \(error.message)")
    }
}
