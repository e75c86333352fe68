import Basics
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
        /// An operator asks for a stop: `drover stop`.
        case stopRequested(StopRequest)
        /// Bytes from the guest's second serial port.
        case agentOutput([UInt8])
        /// An operator has a command for the guest agent.
        case agentRequest(AgentRequest)
        /// QEMU ended; everything it had written has been handed over before. `lastWords`: its last messages.
        case childEnded(pid: Int32, WaitStatus, lastWords: [String])
        case deadline
    }

    public enum Action: Equatable, Sendable {
        case launch(LaunchStep)
        case send(QMPCommand)
        /// Bytes for the guest's second serial port; a probe is left out while the guest has not read what is there already.
        case sendToAgent([UInt8], isProbe: Bool)
        /// The guest agent's answer to a command of an operator.
        case answer(QMPServer.Ticket, QMPServer.Answer)
        case kill(pid: Int32, Signal)
        case log(LogLevel, String)
        /// The last action there ever is.
        case exit(ExitCode, reason: String)
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

    public struct StopRequest: Equatable, Sendable {
        /// Not to wait for the guest.
        public let isForced: Bool
        /// Instead of the one of the configuration.
        public let budget: Duration?
        /// For the log, such as `drover stop (pid 12, uid 0)`.
        public let reason: String

        public init(isForced: Bool = false, budget: Duration? = nil, reason: String) {
            self.isForced = isForced
            self.budget = budget
            self.reason = reason
        }
    }

    struct Stop: Sendable {
        let reason: String
        let began: Instant
        let ladder: ShutdownLadder
        var rung: ShutdownLadder.Rung
        /// Nothing had run in the guest, or it had halted: quitting QEMU takes nothing from it.
        var isHarmless = false
        /// A signal has asked for it too; the next one does not wait for the guest.
        var isSignalled = false

        /// The guest still has the time to come down by itself.
        var isGuestsTurn: Bool { rung <= .powerdown }
        /// The latest moment at which a QEMU that does not end by itself is killed.
        var killDeadline: Instant { began + ladder.quitAfter + ShutdownLadder.quitTime }
    }

    let ladder: ShutdownLadder
    /// Nil: the machine has no port for one.
    var agent: AgentClient?
    var stepsLeft: ArraySlice<LaunchStep>
    var phase = Phase.idle
    var pid: Int32?
    var launchedAt: Instant?
    var runningSince: Instant?
    /// As QEMU's greeting gives it.
    var qemuVersion: String?
    /// How QEMU was started last.
    var step: LaunchStep?
    /// By the guest itself, since QEMU was started.
    var guestResets = 0
    /// By whomever.
    var resets = 0
    var guestHasWritten = false
    var guestIsPaused = false
    /// The guest's last line, when it says that the guest has halted.
    var haltLine: String?
    /// QEMU's word that the guest powered itself off.
    var guestPoweredOff = false
    /// QEMU's reason for the last SHUTDOWN.
    var downReason: String?
    var channelIsLost = false

    /// When the phase's own next step is due.
    var phaseDeadline: Instant?
    var stateSince: Instant?

    /// When `.deadline` is due; nil: nothing is waited for.
    public var nextDeadline: Instant? {
        if case .ended = phase { return nil }
        return [phaseDeadline, agent?.nextDeadline].compactMap { $0 }.min()
    }

    /// - Parameters:
    ///   - steps: the ways to start QEMU, in the order in which they are tried.
    ///   - agent: nil when the machine has no port for one.
    public init(steps: [LaunchStep], ladder: ShutdownLadder, agent: AgentClient? = nil) {
        self.ladder = ladder
        self.agent = agent
        stepsLeft = steps[...]
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        if case .ended = phase { return [] }
        let state = self.state
        defer { if stateSince == nil || self.state != state { stateSince = now } }
        return actions(on: event, at: now)
    }

    private mutating func actions(on event: Event, at now: Instant) -> [Action] {
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
        case .stopRequested(let request):
            return handle(request, at: now)
        case .agentOutput(let bytes):
            return withAgent(at: now) { agent in bytes.withUnsafeBytes { agent.receive($0, at: now) } }
        case .agentRequest(let request):
            guard agent != nil else { return [.answer(request.ticket, Self.noAgentPort)] }
            return withAgent(at: now) { $0.request(request, at: now) }
        case .childEnded(let ended, let status, let lastWords):
            guard ended == pid else { return [] }
            return qemuEnded(status, lastWords: lastWords, at: now)
        case .deadline:
            let fromAgent = withAgent(at: now) { $0.deadlineReached(at: now) }
            guard let phaseDeadline, now >= phaseDeadline else { return fromAgent }
            return fromAgent + deadlineReached(at: now)
        }
    }
}
