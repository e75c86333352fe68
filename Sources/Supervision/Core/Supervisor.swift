import Basics
import Linux
import Machine
import QMP

/// PID 1's decisions: what happens (events) in, what to do (actions) out. No clock, file or process is touched here.
///
/// The shell feeds every event through `handle` with the time it happened, carries out the actions in order, and
/// calls back with `.deadline` when `nextDeadline` has come. What belongs to one phase of life is in the state's case.
public struct Supervisor: Sendable {
    enum State: Sendable {
        case idle
        /// QEMU is being started; the guest's CPUs are not known to run yet.
        case starting(Launch)
        case running(Instance)
        case stopping(Stop)
        /// The guest is down, or QEMU is lost, without a stop having been asked for.
        case ending(End)
        /// The guest has powered itself off, and there is no QEMU until one is asked for.
        case poweredOff
        case ended
    }

    /// All the ways to start QEMU.
    let steps: [LaunchStep]
    let afterPowerOff: Configuration.AfterPowerOff
    /// Of a stop that brings no budget of its own.
    let ladder: ShutdownLadder
    /// The ways to start QEMU that have not been tried.
    var stepsLeft: ArraySlice<LaunchStep>
    /// Nil: the machine has no port for one.
    var agent: AgentClient?
    var readiness: Readiness
    var diskErrors = DiskErrors()
    var hints = Hints()
    var children: ChildTable
    var backups: BackupDesk
    var share = ShareDesk()
    var screen = ScreenReading()
    var state = State.idle
    /// When what `drover status` calls the state began.
    private(set) var stateSince: Instant?
    /// Ended children that nobody here has started.
    public private(set) var orphansReaped = 0

    /// - Parameters:
    ///   - steps: the ways to start QEMU, in the order in which they are tried.
    ///   - afterPowerOff: what comes when the guest has powered itself off.
    ///   - agent: nil when the machine has no port for one.
    ///   - readyPattern: the text of `READY_CHECK=console:TEXT`.
    ///   - children: those that run beside the guest.
    public init(
        steps: [LaunchStep], ladder: ShutdownLadder, agent: AgentClient? = nil, readyPattern: String? = nil,
        children: [Child] = [], afterPowerOff: Configuration.AfterPowerOff = .exit
    ) {
        self.steps = steps
        self.afterPowerOff = afterPowerOff
        self.ladder = ladder
        self.agent = agent
        stepsLeft = steps[...]
        readiness = Readiness(pattern: readyPattern)
        self.children = ChildTable(children)
        backups = BackupDesk(children)
    }

    /// When `.deadline` is due; nil: nothing is waited for.
    public var nextDeadline: Instant? {
        let own: Instant?
        switch state {
        case .idle: own = nil
        case .starting(let launch): own = launch.deadline
        case .running(let instance): own = instance.guest.isPaused ? nil : hints.deadline
        case .stopping(let stop): own = stop.nextDeadline
        case .ending(let end): own = end.deadline
        case .poweredOff: return children.nextDeadline
        case .ended: return nil
        }
        return [own, agent?.nextDeadline, children.nextDeadline].compactMap { $0 }.min()
    }

    public mutating func handle(_ event: Event, at now: Instant) -> [Action] {
        if case .ended = state { return [] }
        let before = status
        defer { if stateSince == nil || status != before { stateSince = now } }
        switch event {
        case .start:
            guard case .idle = state else { return [.log(.error, "a second start was asked for; it is ignored")] }
            return launch(steps, at: now)
        case .launched(let pid):
            return launched(pid, at: now)
        case .launchFailed(let errno):
            return launchFailed(errno)
        case .qmp(let incoming):
            // Without a QEMU, or after its channel broke, nothing that comes can be trusted.
            guard let instance, instance.pid != nil, !instance.channelIsLost else { return [] }
            return handle(incoming, at: now)
        case .channelLost(let reason):
            return channelLost(reason, at: now)
        case .console(let finding):
            return guestWrote(finding, at: now)
        case .diskFailed(let error, let place):
            return diskFailed(error, in: place, at: now)
        case .signal(let signal, let sender):
            return handle(signal, from: sender, at: now)
        case .stopRequested(let request):
            return handle(request, at: now)
        case .shellFailed(let reason):
            return shellFailed(reason, at: now)
        case .agentOutput(let bytes, let port):
            return withAgent(at: now) { agent in bytes.withUnsafeBytes { agent.receive($0, from: port, at: now) } }
        case .nobodyReadsSerial:
            return withStop(at: now) { $0.nobodyReadsSerial(at: now) }
        case .startRequested(let ticket, let reason):
            return startRequested(ticket, reason, at: now)
        case .agentRequest(let request) where isPoweredOff:
            return [.answer(request.ticket, Self.noGuest)]
        case .agentRequest(let request):
            guard agent != nil else { return [.answer(request.ticket, Self.noAgentPort)] }
            return withAgent(at: now) { $0.request(request, at: now) }
        case .screenAsked(let ticket, _) where isPoweredOff:
            return [.answer(ticket, Self.noGuest)]
        case .screenAsked(let ticket, let cursor):
            return perform(screen.ask(.client(ticket, wantsCursor: cursor)), at: now)
        case .revertFailed(let reason):
            return revert { $0.failure = reason }
        case .shareOffered(_, let ticket) where isPoweredOff:
            return [.answer(ticket, .success(#"{"inserted":false}"#))]
        case .shareOffered(let path, let ticket):
            return share.offered(path, ticket)
        case .backupOrdered(let kind, let ticket):
            return backups.order(kind, ticket)
        case .backupStatusAsked(let ticket):
            return backups.status(ticket)
        case .backupReported(let report, let ticket):
            let end = report.isBusy ? [] : perform(children.finished(BackupDesk.child))
            return backups.reported(report, ticket) + end
        case .childLaunched(let name, let pid):
            return perform(children.launched(name, pid, at: now))
        case .childLaunchFailed(let name, let errno):
            return perform(children.launchFailed(name, errno, at: now))
        case .processEnded(let pid, let status, let lastWords):
            if pid == instance?.pid { return qemuEnded(status, lastWords: lastWords, at: now) }
            if children.name(of: pid) == BackupDesk.child { backups.ended() }
            if let actions = children.ended(pid, status, at: now) { return perform(actions) }
            orphansReaped += 1
            return []
        case .deadline:
            return deadlineReached(at: now)
        }
    }

    private mutating func deadlineReached(at now: Instant) -> [Action] {
        let others = withAgent(at: now) { $0.deadlineReached(at: now) } + perform(children.deadlineReached(at: now))
        switch state {
        case .starting(let launch) where launch.deadline.map { $0 <= now } ?? false:
            return others + deadlineReached(in: launch, at: now)
        case .running(let instance) where !instance.guest.isPaused:
            let told = hints.deadlineReached(at: now).map { Action.log(.warning, $0) }
            let look = hints.isToLook(at: now) && !isReady ? perform(screen.ask(.supervisor), at: now) : []
            return others + (told.map { [$0] } ?? []) + look
        case .stopping(let stop) where stop.nextDeadline <= now:
            return others + withStop(at: now) { $0.deadlineReached(at: now) }
        case .ending(let end) where end.deadline <= now:
            return others + deadlineReached(in: end, at: now)
        case .idle, .starting, .running, .stopping, .ending, .poweredOff, .ended:
            return others
        }
    }

    /// The last of the run: the one exit code there is.
    mutating func end(_ code: ExitCode, _ message: String) -> [Action] {
        state = .ended
        return perform(children.endAtOnce()) + [
            .log(code == .success ? .info : .error, message), .exit(code, reason: message),
        ]
    }

    // MARK: QEMU

    /// The QEMU under way, or the last one before the end.
    var instance: Instance? {
        switch state {
        case .idle, .poweredOff, .ended: nil
        case .starting(let launch): launch.instance
        case .running(let instance): instance
        case .stopping(let stop): stop.instance
        case .ending(let end): end.instance
        }
    }

    /// Changes what is known of the QEMU under way; nothing when there is none.
    mutating func update(_ change: (inout Instance) -> Void) {
        switch state {
        case .idle, .poweredOff, .ended:
            break
        case .starting(var launch):
            change(&launch.instance)
            state = .starting(launch)
        case .running(var instance):
            change(&instance)
            state = .running(instance)
        case .stopping(var stop):
            change(&stop.instance)
            state = .stopping(stop)
        case .ending(var end):
            change(&end.instance)
            state = .ending(end)
        }
    }
}
