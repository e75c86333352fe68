import Basics
import JSON
import Linux

/// What a backup under way is at, for who waits for it.
public struct BackupStep: Equatable, Sendable {
    /// One line, the same as long as the step lasts.
    public let title: String
    /// Bytes, while the disks are copied.
    let done: Int64?
    let total: Int64?

    /// Nil when there is none under way.
    init?(_ report: JSONValue) throws(JSONMismatch) {
        guard report.has("backup") else { return nil }
        let backup = try report.member("backup")
        let step = try backup.string("step")
        switch step {
        case "testing":
            title = try backup.string("title")
        case "beginning":
            let id = try backup.string("id")
            let what =
                backup.has("parent")
                ? "an increment of \(try backup.string("parent"))" : "a full one: \(try backup.string("reason"))"
            title = "backup \(id), \(what)"
        case "copying": title = "copying the disks as they are now"
        default: title = "flushing and hashing the copies"
        }
        (done, total) =
            step == "copying" ? (try backup.integer("done"), try backup.integer("total")) : (nil, nil)
    }
}

/// Bytes, rate and time left, for a terminal.
public struct CopyRate {
    private var began: (at: Instant, done: Int64)?

    public init() {}

    /// - Returns: nil outside the copy.
    public mutating func text(_ step: BackupStep, at now: Instant) -> String? {
        guard let done = step.done, let total = step.total else { return nil }
        let began = self.began ?? (now, done)
        self.began = began
        let nanoseconds = (now - began.at).nanoseconds
        let text = "\(MiB(bytes: done)) of \(MiB(bytes: total))"
        guard nanoseconds > 0, done > began.done else { return text }
        let rate = Double(done - began.done) / (Double(nanoseconds) / 1e9)
        return "\(text), \(MiB(bytes: Int64(rate)))/s, \(Duration.seconds(Double(total - done) / rate).brief) left"
    }
}
