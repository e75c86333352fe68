import Linux

/// Why a helper cannot go on; ends the test.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// A wait whose deadline has passed, or whose other end has gone.
    ///
    /// - Parameters:
    ///   - what: what was waited for, such as `"login:" on the console`.
    ///   - seen: what had come so far.
    package static func missing(_ what: String, seen: String) -> TestFailure {
        TestFailure("it did not come in time: \(what); seen so far:\n\(seen.isEmpty ? "(nothing)" : seen)")
    }
}

/// A generous deadline for what must happen; nothing waits for its end.
package func soon() -> Instant { .within(30) }

extension Instant {
    /// A deadline: what `seconds` are ample for on a machine that does nothing else, on one that has several times as much to do as
    /// it can.
    package static func within(_ seconds: Int) -> Instant { .now() + .seconds(3 * seconds) }
}
