import Linux
import Machine
import QMP

/// PID 1's decisions: what happens (events) in, what to do (actions) out. No clock, file or process is touched here.
///
/// The shell feeds every event through `handle` with the time it happened, carries out the actions in order, and
/// calls back with `.deadline` when `nextDeadline` has come.
public struct Supervisor: Sendable {
    public enum Event: Equatable, Sendable {
        case start
        /// The answer to `.launch`.
        case launched(pid: Int32)
        /// The answer to `.launch`: QEMU cannot be executed.
        case launchFailed(Errno)
        case qmp(QMPSession.Incoming)
        /// QEMU's control channel ended, or what came through it cannot be trusted.
        case channelLost(reason: String)
        /// The guest wrote a line that says nothing about a halt.
        case consoleOutput
        /// The guest wrote a line by which it says that it has halted.
        case guestHalted(line: String)
        case signal(Signal, sender: Int32)
        /// QEMU ended; everything it had written has been handed over before. `lastWords`: its last messages.
        case childEnded(pid: Int32, WaitStatus, lastWords: [String])
        case deadline
    }

    public enum Action: Equatable, Sendable {
        case launch(LaunchStep)
        case send(QMPCommand)
        case kill(pid: Int32, Signal)
        case log(Configuration.LogLevel, String)
        /// The last action there ever is.
        case exit(ExitCode)
    }

    /// How long QEMU may take from its launch to its greeting, and from there to the guest's start. It repairs an image that
    /// was not closed, and allocates memory, before it greets; a stop does not wait for it.
    public static let greetingTime = Duration.seconds(120)
    /// How long QEMU may take to flush and close the images after the guest powered itself off.
    public static let flushTime = Duration.seconds(30)
    /// How long QEMU may take to end after its control channel broke.
    public static let endTime = Duration.seconds(5)
    /// A QEMU that dies later than this after the guest's start is not started again with another accelerator: a guest
    /// without a serial console never writes, but has its disk in use by then.
    public static let stepDownTime = Duration.seconds(60)

    enum Phase: Sendable {
        case idle
        /// QEMU is being started; the guest's CPUs do not run yet.
        case starting
        case running
        /// The guest is down, or QEMU is lost: QEMU ends by itself, or by SIGKILL when it has not by the deadline.
        case ending(killed: Bool)
        case stopping(Stop)
        case ended
    }

    struct Stop: Sendable {
        let began: Instant
        var rung: ShutdownLadder.Rung
        /// Nothing had run in the guest, or it had halted: quitting QEMU takes nothing from it.
        let isHarmless: Bool
    }

    let ladder: ShutdownLadder
    var stepsLeft: ArraySlice<LaunchStep>
    var phase = Phase.idle
    var pid: Int32?
    var launchedAt: Instant?
    var runningSince: Instant?
    var guestHasWritten = false
    var guestIsPaused = false
    /// The guest's last line, when it says that the guest has halted.
    var haltLine: String?
    /// QEMU's word that the guest powered itself off.
    var guestPoweredOff = false
    /// QEMU's reason for the last SHUTDOWN.
    var downReason: String?
    var channelIsLost = false

    /// When `.deadline` is due; nil: nothing is waited for.
    public internal(set) var nextDeadline: Instant?

    /// - Parameter steps: the ways to start QEMU, in the order in which they are tried.
    public init(steps: [LaunchStep], ladder: ShutdownLadder) {
        self.ladder = ladder
        stepsLeft = steps[...]
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        if case .ended = phase { return [] }
        switch event {
        case .start:
            guard case .idle = phase else { return [.log(.error, "a second start was asked for; it is ignored")] }
            return launchNextStep(at: now)
        case .launched(let pid):
            return launched(pid, at: now)
        case .launchFailed(let errno):
            return launchFailed(errno)
        case .qmp(let incoming):
            // Without a QEMU, or after its channel broke, nothing that comes can be trusted.
            if pid == nil || channelIsLost { return [] }
            return handle(incoming, at: now)
        case .channelLost(let reason):
            return channelLost(reason, at: now)
        case .consoleOutput:
            guestHasWritten = true
            haltLine = nil
            return []
        case .guestHalted(let line):
            return guestHalted(line, at: now)
        case .signal(let signal, let sender):
            return handle(signal, from: sender, at: now)
        case .childEnded(let ended, let status, let lastWords):
            guard ended == pid else { return [] }
            return qemuEnded(status, lastWords: lastWords, at: now)
        case .deadline:
            guard let nextDeadline, now >= nextDeadline else { return [] }
            return deadlineReached(at: now)
        }
    }
}
