import Basics
import Linux

/// One stop, from the moment it is asked for to the end of QEMU: which rung of the ladder it is at, and what comes next
/// (drover help stopping).
struct Stop: Equatable, Sendable {
    /// Nobody is impatient as soon as this: who stops a container may signal PID 1 as such, and again as one of all its
    /// processes.
    static let sameSignalTime = Duration.seconds(1)

    /// Looking for an agent that has not shown itself.
    private enum Search { case asked, read }

    let order: Order
    let began: Instant
    /// The QEMU that is to end.
    var instance: Instance
    private(set) var rung: ShutdownLadder.Rung
    /// When the rung's next step is due.
    private(set) var deadline: Instant
    /// Looks at the screen as long as the guest has not written to its serial console since the stop began.
    var screen: ScreenWatch? = ScreenWatch()
    /// When the log says what is waited for: a runtime that kills the container before the stop is over leaves that line.
    private(set) var reminder: Instant?
    /// On rung 1, before there is an agent to be asked.
    private var search: Search?
    /// Nothing had run in the guest, or it had halted: quitting QEMU takes nothing from it.
    private(set) var isHarmless: Bool
    /// When a signal first asked for it; the next one does not wait for the guest.
    private(set) var signalledAt: Instant?
    /// The rung that had the guest halt.
    private(set) var haltRung: ShutdownLadder.Rung?
    /// Why a clean end of the guest is no success: PID 1 itself has failed.
    private(set) var failure: String?

    private init(
        _ order: Order, _ instance: Instance, rung: ShutdownLadder.Rung, isHarmless: Bool, at now: Instant
    ) {
        (self.order, self.instance, self.rung, self.isHarmless) = (order, instance, rung, isHarmless)
        (began, deadline, signalledAt) = (now, now, order.isSignal ? now : nil)
        failure = order.isFailure ? order.reason : nil
    }

    /// The guest still has the time to come down by itself.
    var isGuestsTurn: Bool { rung <= .powerdown }
    /// The latest moment at which a QEMU that does not end by itself is killed.
    private var killDeadline: Instant { began + order.ladder.quitAfter + ShutdownLadder.quitTime }

    // MARK: Beginnings

    /// The CPUs have not run for more than an instant, so the guest loses nothing, even by SIGKILL: a QEMU that has not
    /// greeted hears nothing else.
    static func ofLaunch(_ order: Order, _ instance: Instance, at now: Instant) -> (Stop, [Action]) {
        var stop = Stop(order, instance, rung: .quit, isHarmless: true, at: now)
        stop.deadline = now + ShutdownLadder.quitTime
        return (
            stop,
            [.log(.info, "\(order.reason) before the guest ran: ending QEMU")]
                + (instance.hasGreeted ? [.quitQEMU] : stop.signal(.kill))
        )
    }

    static func ofGuest(
        _ order: Order, _ instance: Instance, _ agent: Agent, at now: Instant
    ) -> (Stop, [Action]) {
        let haltLine = instance.guest.haltLine
        var stop = Stop(order, instance, rung: .powerdown, isHarmless: haltLine != nil, at: now)
        stop.reminder = now + order.ladder.budget / 2
        let actions = stop.begin(haltLine: haltLine, agent, at: now)
        return (stop, actions)
    }

    private mutating func begin(haltLine: String?, _ agent: Agent, at now: Instant) -> [Action] {
        if let haltLine {
            return [.log(.info, "\(order.reason): the guest has halted already: \"\(haltLine)\"")]
                + climb(to: .quit, at: now)
        }
        if order.isForced {
            return [.log(.warning, "\(order.reason): not waiting for the guest")] + climb(to: .quit, at: now)
        }
        if instance.guest.revert.isTorn {
            return [.log(.warning, "\(order.reason): the guest is not resumed after the revert that failed")]
                + climb(to: .quit, at: now)
        }
        let resume: [Action] =
            instance.guest.isPaused ? [.log(.info, "the guest is paused; resuming it first"), .resumeGuest] : []
        let first: [Action] =
            switch agent {
            case .answers: climb(to: .agent, at: now)
            case .unknown: seekAgent(at: now)
            case .none: climb(to: .powerdown, at: now)
            }
        // What the screen shows before anything has been tried.
        return [announcement(agent), .readScreen] + resume + first
    }

    private func announcement(_ agent: Agent) -> Action {
        let ladder = order.ladder
        let first =
            switch agent {
            case .answers: "guest agent now, ACPI power button after \(ladder.powerdownAfter.brief)"
            case .unknown: "ACPI power button, unless a guest agent answers within \(ladder.seekTime.brief)"
            case .none: "ACPI power button now"
            }
        let kill = ladder.quitAfter + ShutdownLadder.quitTime
        return .log(
            .info,
            "\(order.reason): stopping the guest; \(first), quit after \(ladder.quitAfter.brief), SIGKILL after \(kill.brief)"
        )
    }

    // MARK: What happens meanwhile

    /// A signal that asks for a stop. The first one after `drover stop`, or after a terminal has closed, does not hurry it.
    mutating func signalled(_ name: String, at now: Instant) -> [Action] {
        guard let first = signalledAt else {
            signalledAt = now
            return [.log(.info, "\(name): the guest is being stopped already; the next one will not wait for it")]
        }
        if now - first < Self.sameSignalTime {
            return [.log(.debug, "\(name): taken for the one that came \((now - first).brief) before")]
        }
        return hurried(by: name, at: now)
    }

    /// PID 1 cannot go on; the stop does.
    mutating func failed(_ reason: String) {
        failure = failure ?? reason
    }

    /// Somebody does not want to wait for the guest any longer.
    mutating func hurried(by reason: String, at now: Instant) -> [Action] {
        guard isGuestsTurn, !instance.guest.isPoweredOff else {
            return [.log(.info, "\(reason): already at \(rung)")]
        }
        return [.log(.warning, "\(reason) again: not waiting for the guest any longer")] + climb(to: .quit, at: now)
    }

    mutating func guestPoweredOff(at now: Instant) -> [Action] {
        if isGuestsTurn { deadline = killDeadline }
        return [.log(.info, "the guest powered off \(elapsed(now)) after the stop was asked for")]
    }

    mutating func guestHalted(_ line: String, at now: Instant) -> [Action] {
        guard isGuestsTurn, !instance.guest.isPoweredOff else { return [] }
        (isHarmless, haltRung) = (true, rung)
        return [.log(.info, "the guest halted \(elapsed(now)) after the stop was asked for: \"\(line)\"")]
            + climb(to: .quit, at: now)
    }

    /// Nothing has run in the guest since its reset but what starts a system.
    mutating func guestWaitsForBoot(in what: String, at now: Instant) -> [Action] {
        guard isGuestsTurn, !instance.guest.isPoweredOff else { return [] }
        isHarmless = true
        return [.log(.info, "the screen shows \(what): no system runs that could lose anything")]
            + climb(to: .quit, at: now)
    }

    /// However late: what has been tried before has not brought the guest down.
    mutating func agentAppeared(at now: Instant) -> [Action] {
        guard isGuestsTurn, !instance.guest.isPoweredOff else { return [] }
        return climb(to: .agent, at: now)
    }

    mutating func nobodyReadsSerial(at now: Instant) -> [Action] {
        guard search != nil else { return [] }
        return [.log(.debug, "nobody reads the second serial port")] + climb(to: .powerdown, at: now)
    }

    /// The agent was asked to shut the guest down, and will not.
    mutating func agentRefused(_ reason: String, at now: Instant) -> [Action] {
        guard rung == .agent, !instance.guest.isPoweredOff else { return [] }
        return [.log(.warning, "the guest agent does not shut the guest down: \(quoted(reason, limit: 200))")]
            + climb(to: .powerdown, at: now)
    }

    /// One that has powered off may still flush; one that was told to quit has its deadline.
    mutating func channelLost(at now: Instant) {
        if isGuestsTurn, !instance.guest.isPoweredOff {
            deadline = min(now + End.Cause.lost.patience, killDeadline)
        }
    }

    mutating func quitRefused(at now: Instant) -> [Action] {
        rung == .quit ? climb(to: .kill, at: now) : []
    }

    // MARK: The ladder

    mutating func deadlineReached(at now: Instant) -> [Action] {
        let reminder = remind(at: now)
        if deadline <= now { return reminder + rungIsOver(at: now) }
        return reminder + (screen?.isDue(at: now) == true ? [.readScreen] : [])
    }

    private mutating func remind(at now: Instant) -> [Action] {
        guard let due = reminder, due <= now else { return [] }
        reminder = nil
        guard isGuestsTurn, !instance.guest.isPoweredOff, now < began + order.ladder.quitAfter else { return [] }
        let quit =
            "quit \(order.ladder.quitAfter.brief) after the stop began, unless the runtime kills the container before"
        return [overdue("still at \(rung): the guest has not powered off", at: now, "; \(quit)")]
    }

    private mutating func rungIsOver(at now: Instant) -> [Action] {
        switch rung {
        case .agent where instance.guest.isPoweredOff || instance.channelIsLost,
            .powerdown where instance.guest.isPoweredOff || instance.channelIsLost:
            return [.log(.error, "QEMU does not end by itself")] + climb(to: .kill, at: now)
        case .agent where search == .asked:
            search = .read
            deadline = began + order.ladder.seekTime
            return [.lookWhoReadsSerial]
        case .agent where search == .read:
            return climb(to: .powerdown, at: now)
        case .agent:
            return [overdue("the guest agent did not power the guest off", at: now)]
                + climb(to: now < began + order.ladder.quitAfter ? .powerdown : .quit, at: now)
        case .powerdown where now < began + order.ladder.quitAfter:
            return climb(to: .powerdown, at: now)
        case .powerdown:
            return [overdue("the guest did not power off", at: now)] + climb(to: .quit, at: now)
        case .quit:
            return climb(to: .kill, at: now)
        case .kill:
            return [.end(.stopTimedOut, "QEMU does not end even by SIGKILL; leaving without it")]
        }
    }

    private mutating func seekAgent(at now: Instant) -> [Action] {
        (rung, search) = (.agent, .asked)
        deadline = now + min(ShutdownLadder.readTime, order.ladder.seekTime)
        return [.seekAgent]
    }

    private mutating func climb(to next: ShutdownLadder.Rung, at now: Instant) -> [Action] {
        (rung, search) = (next, nil)
        switch next {
        case .agent:
            deadline = min(now + order.ladder.powerdownAfter, began + order.ladder.quitAfter)
            return [.askAgent]
        case .powerdown:
            deadline = min(now + ShutdownLadder.powerdownInterval, began + order.ladder.quitAfter)
            return [.pressPowerButton]
        case .quit:
            if instance.channelIsLost { return climb(to: .kill, at: now) }
            deadline = now + ShutdownLadder.quitTime
            return [.log(isHarmless ? .info : .warning, isHarmless ? "QEMU is told to quit" : "\(next)"), .quitQEMU]
        case .kill:
            deadline = now + ShutdownLadder.killTime
            return [.log(.error, "\(next)")] + signal(.kill)
        }
    }

    private func signal(_ signal: Signal) -> [Action] {
        instance.pid.map { [.signal(signal, pid: $0)] } ?? []
    }

    /// A guest that shows that it is coming down has heard what was tried.
    private func overdue(_ what: String, at now: Instant, _ next: String = "") -> Action {
        let silence = screen == nil ? "" : "; its serial console is silent: drover screen shows its screen"
        let line = instance.guest.shutdownLine.map { "; it is shutting down: \(quoted($0, limit: 100))" } ?? silence
        return .log(.warning, "\(what) within \(elapsed(now))\(line)\(next)")
    }

    func elapsed(_ now: Instant) -> String { (now - began).brief }
}
