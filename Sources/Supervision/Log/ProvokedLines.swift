import Linux

/// Lines that a client can bring about as often as it likes: of each kind some a minute are shown, and of the others how many
/// there were. A program that asks in a loop for what it may not would otherwise fill the log.
struct ProvokedLines {
    enum Kind: CaseIterable {
        case refusedCommand, clientTurnedAway, clientDropped

        var source: LogSource { self == .refusedCommand ? .audit : .drover }

        func summary(_ count: Int) -> String {
            switch self {
            case .refusedCommand: "… \(count) more commands of clients were refused"
            case .clientTurnedAway: "… \(count) more clients were not let in"
            case .clientDropped: "… \(count) more clients were dropped"
            }
        }
    }

    static let shownCount = 20
    static let interval = Duration.seconds(60)

    private var shown = 0
    private var leftOut = 0
    /// When the minute is over that began with the first line.
    private(set) var deadline: Instant?

    /// - Returns: whether this one is shown.
    mutating func take(at now: Instant) -> Bool {
        if deadline == nil { deadline = now + Self.interval }
        guard shown == Self.shownCount else {
            shown += 1
            return true
        }
        leftOut += 1
        return false
    }

    /// Begins anew. How many were left out is to be told; nil when none was.
    mutating func tell() -> Int? {
        defer { self = ProvokedLines() }
        return leftOut > 0 ? leftOut : nil
    }
}
