import Linux

/// What the log is told of a guest that fails in a way that is known: each hint once a run.
struct Hints: Sendable {
    /// How long the console is silent before an unfinished line is where the guest stands.
    static let silence = Duration.seconds(60)

    private var told: Set<Hint> = []
    /// What holds if the guest says nothing more until then.
    private var standstill: (hint: Hint, until: Instant)?

    var deadline: Instant? { standstill?.until }

    mutating func guestWrote(_ finding: ConsoleFinding, at now: Instant) -> [String] {
        standstill = finding.standstill.flatMap { told.contains($0) ? nil : ($0, now + Self.silence) }
        return finding.hints.compactMap { hint in
            told.insert(hint).inserted ? "the guest says \"\(hint.phrase)\": \(hint.advice)" : nil
        }
    }

    /// The machine was reset, or another was started.
    mutating func reset() {
        standstill = nil
    }

    /// Its CPUs stood, so that its silence so far says nothing.
    mutating func guestGoesOn(at now: Instant) {
        standstill?.until = now + Self.silence
    }

    mutating func deadlineReached(at now: Instant) -> String? {
        guard let (hint, until) = standstill, until <= now else { return nil }
        standstill = nil
        told.insert(hint)
        return "the guest has said nothing for \(Self.silence.brief) after \"\(hint.phrase)\": \(hint.advice)"
    }
}
