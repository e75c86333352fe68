import Linux
import QMP

/// Finds on the guest's screen, looked at once a second, that it has halted.
struct ScreenWatch: Equatable, Sendable {
    private static let interval = Duration.seconds(1)

    /// Nil: a look is under way.
    private(set) var nextLook: Instant?
    /// The rows with a line of a halt, when it was last looked; nil before the first look at a text.
    private var known: [Int]?
    /// The screen's last line, when that is one of a halt but may be from before the stop, and of something else.
    private(set) var oldHaltLine: String?
    var bootMenu = BootMenu()

    /// - Returns: the screen's last line, when that says that the guest has halted and was not there before.
    mutating func haltLine(on screen: DroverScreen, at now: Instant) -> String? {
        nextLook = now + Self.interval
        oldHaltLine = nil
        guard let lines = screen.text?.lines else { return nil }
        let rows = lines.indices.filter { ConsoleWatch.isHalt(lines[$0]) }
        defer { known = rows }
        guard let last = lines.lastIndex(where: { !$0.isEmpty }), rows.last == last else { return nil }
        // What was there before can only have moved up.
        let isNew = known.map { rows.count > $0.count || last > $0.last ?? -1 } ?? false
        if !isNew { oldHaltLine = lines[last] }
        return isNew ? lines[last] : nil
    }

    mutating func isDue(at now: Instant) -> Bool {
        guard let look = nextLook, look <= now else { return false }
        nextLook = nil
        return true
    }
}

extension Stop {
    /// On its serial console, which says more than the screen.
    mutating func guestWrote() {
        screen = nil
    }

    mutating func screenRead(_ shown: DroverScreen, at now: Instant) -> [Action] {
        if let line = screen?.haltLine(on: shown, at: now) { return guestHalted(line, at: now) }
        let boot = screen?.bootMenu.waiting(on: shown).map { guestWaitsForBoot(in: $0, at: now) } ?? []
        return screen?.oldHaltLine == nil ? boot : [.readCPUs]
    }

    /// - Parameter stand: nothing but a reset can wake any of them.
    mutating func cpusRead(stand: Bool, at now: Instant) -> [Action] {
        guard stand, let line = screen?.oldHaltLine else { return [] }
        return guestHalted(line, at: now)
    }

    /// When something is due: the rung's next step, a look at the screen or the reminder.
    var nextDeadline: Instant {
        guard isGuestsTurn, !instance.guest.isPoweredOff else { return deadline }
        return [screen?.nextLook, reminder].compactMap { $0 }.reduce(deadline, min)
    }
}
