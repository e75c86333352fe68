import Linux
import QMP

/// Finds on the guest's screen, looked at once a second, that it has halted since the stop began.
struct ScreenWatch: Equatable, Sendable {
    private static let interval = Duration.seconds(1)

    /// Nil: a look is under way.
    private(set) var nextLook: Instant?
    /// The rows with a line of a halt, when it was last looked; nil before the first look at a text.
    private var known: [Int]?
    var bootMenu = BootMenu()

    /// - Returns: the screen's last line, when that says that the guest has halted and was not there before.
    mutating func haltLine(on screen: DroverScreen, at now: Instant) -> String? {
        nextLook = now + Self.interval
        guard let lines = screen.text?.lines else { return nil }
        let rows = lines.indices.filter { ConsoleWatch.isHalt(lines[$0]) }
        defer { known = rows }
        guard let known, let last = lines.lastIndex(where: { !$0.isEmpty }), rows.last == last else { return nil }
        // What was there before can only have moved up.
        return rows.count > known.count || last > known.last ?? -1 ? lines[last] : nil
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
        return screen?.bootMenu.waiting(on: shown).map { guestWaitsForBoot(in: $0, at: now) } ?? []
    }

    /// When something is due: the rung's next step, or a look at the screen.
    var nextDeadline: Instant {
        guard isGuestsTurn, !instance.guest.isPoweredOff, let look = screen?.nextLook else { return deadline }
        return min(deadline, look)
    }
}
