import Basics
import Linux
import Machine
import QMP

extension Supervisor {
    /// `drover stop`.
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

    mutating func handle(_ signal: Signal, from sender: Int32, at now: Instant) -> [Action] {
        switch SignalPolicy(for: signal) {
        case .stop:
            if case .stopping = state { return withStop(at: now) { $0.signalled("\(signal)", at: now) } }
            return beginStop(Stop.Order(reason: "\(signal)", ladder: ladder, isSignal: true), at: now)
        case .stopOnce:
            if case .stopping = state { return [] }
            return beginStop(Stop.Order(reason: "\(signal)", ladder: ladder), at: now)
        case .stopNow:
            return beginStop(Stop.Order(reason: "\(signal)", ladder: ladder, isForced: true), at: now)
        case .reap, .fatal, .kernel:
            return []
        case .ignore:
            return [.log(.debug, "\(signal) from pid \(sender) is ignored")]
        }
    }

    mutating func handle(_ request: StopRequest, at now: Instant) -> [Action] {
        // Asking again does not hurry the stop: only --force does.
        if case .stopping = state, !request.isForced {
            return [.log(.info, "\(request.reason): the guest is being stopped already")]
        }
        let ladder = request.budget.map(ShutdownLadder.init(budget:)) ?? ladder
        return beginStop(
            Stop.Order(reason: request.reason, ladder: ladder, isForced: request.isForced), at: now)
    }

    /// PID 1 goes on by looking at everything now and then, for as long as a stop takes.
    mutating func shellFailed(_ reason: String, at now: Instant) -> [Action] {
        let log = Action.log(.error, "\(reason); the run ends")
        if case .stopping = state {
            return [log]
                + withStop(at: now) {
                    $0.failed(reason)
                    return []
                }
        }
        return [log] + beginStop(Stop.Order(reason: reason, ladder: ladder, isFailure: true), at: now)
    }

    private mutating func beginStop(_ order: Stop.Order, at now: Instant) -> [Action] {
        let reason = order.reason
        switch state {
        case .idle:
            return end(order.isFailure ? .qemuFailed : .success, "\(reason) before QEMU was started")
        case .starting(let launch):
            return begin(Stop.ofLaunch(order, launch.instance, at: now), at: now)
        case .running(let instance):
            var known = Stop.Agent.none
            if let agent { known = agent.isAnswering ? .answers : .unknown }
            return begin(Stop.ofGuest(order, instance, known, at: now), at: now)
        case .stopping:
            return withStop(at: now) { $0.hurried(by: reason, at: now) }
        case .ending(var end):
            stepsLeft = []
            end.isAskedFor = true
            if order.isFailure { end.failure = reason }
            state = .ending(end)
            guard end.cause != .killed else { return [.log(.info, "\(reason): QEMU has been killed already")] }
            end.deadline = min(end.deadline, now + order.ladder.quitAfter + ShutdownLadder.quitTime)
            state = .ending(end)
            return [.log(.info, "\(reason): QEMU is ending already")]
        case .poweredOff:
            return self.end(
                order.isFailure ? .qemuFailed : .success, "\(reason): the guest had powered itself off before")
        case .ended:
            return []
        }
    }

    private mutating func begin(_ beginning: (stop: Stop, actions: [Stop.Action]), at now: Instant) -> [Action] {
        state = .stopping(beginning.stop)
        return childrenEnd(at: now) + perform(beginning.actions, at: now)
    }

    /// Those that are of no use to a guest that ends.
    mutating func childrenEnd(at now: Instant) -> [Action] {
        let cut = backups.cut()
        return (cut ?? []) + perform(children.stopBegan(at: now, busy: cut == nil ? nil : BackupDesk.child))
    }

    /// Lets the stop under way act; nothing when there is none.
    mutating func withStop(at now: Instant, _ act: (inout Stop) -> [Stop.Action]) -> [Action] {
        guard case .stopping(var stop) = state else { return [] }
        let wanted = act(&stop)
        state = .stopping(stop)
        return perform(wanted, at: now)
    }

    mutating func perform(_ wanted: [ScreenReading.Action], at now: Instant) -> [Action] {
        wanted.flatMap { action -> [Action] in
            switch action {
            case .send(let command): [.send(command)]
            case .answer(let ticket, let answer): [.answer(ticket, answer)]
            case .show(let screen): screenRead(screen, at: now)
            }
        }
    }

    private mutating func screenRead(_ screen: DroverScreen, at now: Instant) -> [Action] {
        switch state {
        case .running: hints.screenRead(screen).map { Action.log(.warning, $0) }
        case .stopping: withStop(at: now) { $0.screenRead(screen, at: now) }
        case .idle, .starting, .ending, .poweredOff, .ended: []
        }
    }

    private mutating func perform(_ wanted: [Stop.Action], at now: Instant) -> [Action] {
        wanted.flatMap { action -> [Action] in
            switch action {
            case .resumeGuest: [.send(.resume)]
            case .seekAgent: withAgent(at: now) { $0.seek(at: now) }
            // Whoever has opened the channel is an agent.
            case .lookWhoReadsSerial: agent?.channel.isOpen == true ? [] : [.lookWhoReadsSerial]
            case .readScreen: perform(screen.ask(.supervisor), at: now)
            case .readCPUs: [.send(CPURegisters.command)]
            case .askAgent: withAgent(at: now) { $0.shutDown(at: now) }
            case .pressPowerButton: [.send(.powerdown)]
            case .quitQEMU: [.send(.quit)]
            case .signal(let signal, let pid): [.kill(pid: pid, signal)]
            case .log(let level, let message): [.log(level, message)]
            case .end(let code, let message): end(code, message)
            }
        }
    }
}
