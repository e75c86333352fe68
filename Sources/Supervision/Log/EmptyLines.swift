import Linux

/// Folds empty lines that follow one another in the log: the first three of a run are shown, and of the others how many there
/// were. A guest that writes nothing but line feeds would otherwise fill the log with nothing.
///
/// A run ends with any other line. How many is told then, or, for a run that goes on, a second after the first that was left
/// out, and so again.
struct EmptyLines {
    static let shownCount = 3
    static let longestSilence = Duration.seconds(1)

    private var source: LogSource?
    private var shown = 0
    private(set) var folded = 0
    private(set) var deadline: Instant?

    /// - Returns: whether this one is shown.
    mutating func take(from newSource: LogSource, now: () -> Instant) -> Bool {
        if newSource != source { (source, shown) = (newSource, 0) }
        guard shown == Self.shownCount else {
            shown += 1
            return true
        }
        if folded == 0 { deadline = now() + Self.longestSilence }
        folded += 1
        return false
    }

    /// What is to be told; nothing when none was left out.
    mutating func tell() -> (source: LogSource, message: String)? {
        guard let source, folded > 0 else { return nil }
        defer { (folded, deadline) = (0, nil) }
        return (source, "… \(folded) more empty \(folded == 1 ? "line" : "lines")")
    }

    /// Another line has come, after what was to be told.
    mutating func end() {
        source = nil
    }
}
