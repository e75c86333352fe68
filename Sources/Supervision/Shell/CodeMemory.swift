import Linux

/// Keeps the program's code from staying resident: starting, a client, or a stop takes code that a guest which just runs
/// does not, and what is needed again comes back from the page cache.
struct CodeMemory {
    /// Letting go costs some 0.1 ms, and so much again until all is back.
    private static let interval = Duration.seconds(1)
    private var released: Instant?

    /// Lets go of all of it, unless that was not long ago.
    ///
    /// - Returns: when to come again; nil: it is done.
    mutating func release(at now: Instant) -> Instant? {
        if let released, now - released < Self.interval { return released + Self.interval }
        released = now
        releaseProgramCode()
        return nil
    }
}
