import Linux
import QMP

/// What the log is told of a guest that fails in a way that is known: each hint once a run.
struct Hints: Sendable {
    /// How long the console is silent before an unfinished line is where the guest stands, or one that has said nothing at all
    /// may say it on its screen.
    static let silence = Duration.seconds(60)

    private var told: Set<Hint> = []
    /// What holds if the guest says nothing more until then.
    private var standstill: (hint: Hint, until: Instant)?

    /// When the screen is looked at; nil: the guest has written to its console since its start, or the screen has been seen.
    private var look: Instant?

    var deadline: Instant? { [standstill?.until, look].compactMap { $0 }.min() }

    /// Its CPUs have begun to run, or were reset.
    mutating func guestStarted(at now: Instant) {
        look = now + Self.silence
    }

    mutating func guestWrote(_ finding: ConsoleFinding, at now: Instant) -> [String] {
        look = nil
        standstill = finding.standstill.flatMap { told.contains($0) ? nil : ($0, now + Self.silence) }
        return tell(finding.hints, "the guest says")
    }

    mutating func screenRead(_ screen: DroverScreen) -> [String] {
        tell(Hint.shown(on: screen.text?.lines ?? []), "the guest's screen shows")
    }

    private mutating func tell(_ hints: [Hint], _ who: String) -> [String] {
        hints.compactMap { hint in
            told.insert(hint).inserted ? "\(who) \"\(hint.phrase)\": \(hint.advice)" : nil
        }
    }

    /// The machine was reset, or another was started.
    mutating func reset() {
        (standstill, look) = (nil, nil)
    }

    /// Its CPUs stood, so that its silence so far says nothing.
    mutating func guestGoesOn(at now: Instant) {
        standstill?.until = now + Self.silence
        if look != nil { look = now + Self.silence }
    }

    mutating func isToLook(at now: Instant) -> Bool {
        guard let look, look <= now else { return false }
        self.look = nil
        return true
    }

    mutating func deadlineReached(at now: Instant) -> String? {
        guard let (hint, until) = standstill, until <= now else { return nil }
        standstill = nil
        told.insert(hint)
        return "the guest has said nothing for \(Self.silence.brief) after \"\(hint.phrase)\": \(hint.advice)"
    }
}
