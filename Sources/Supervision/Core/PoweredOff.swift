import Linux
import QMP

// A guest that has powered itself off, and PID 1 stays (`AFTER_POWEROFF=wait`).
extension Supervisor {
    /// What clients hear who want something of a QEMU that is not there.
    static let noGuest = QMPServer.Answer.failure(desc: QMPServer.poweredOff)

    var isPoweredOff: Bool { if case .poweredOff = state { true } else { false } }

    /// QEMU has ended, and nobody has asked for the end of the run.
    mutating func waitForStart(at now: Instant) -> [Action] {
        state = .poweredOff
        forgetGuest()
        // They ask a QEMU that has gone, and get to know how things are when they begin anew.
        let ending = children.qemuHasGone(at: now)
        return [.log(.info, "AFTER_POWEROFF=wait: \(QMPServer.poweredOff)"), .serveWithoutQEMU]
            + perform(ending + children.start())
    }

    /// `drover start`.
    mutating func startRequested(_ ticket: QMPServer.Ticket, _ reason: String, at now: Instant) -> [Action] {
        switch state {
        case .poweredOff:
            forgetGuest()
            return [.answer(ticket, .success("{}")), .log(.info, "\(reason): the guest is started again")]
                + perform(children.qemuHasGone(at: now)) + launch(steps, at: now)
        case .idle, .starting: return [.answer(ticket, .failure(desc: "the guest is being started already"))]
        case .running(let instance):
            let remedy = "the guest is paused; let it go on: drover monitor cont"
            let desc = instance.guest.isPaused ? remedy : "the guest runs already"
            return [.answer(ticket, .failure(desc: desc))]
        case .stopping, .ending, .ended:
            let desc = "the guest is going down; try again when drover status says off"
            return [.answer(ticket, .failure(desc: desc))]
        }
    }

    /// What was known of the guest is not so of the next.
    private mutating func forgetGuest() {
        readiness.reset()
        hints.reset()
        diskErrors = DiskErrors()
        screen = ScreenReading()
        agent?.guestHasGone()
    }
}
