import Basics
import Machine

/// How the copies elsewhere are getting on, and when there is something to do for them. Knows no clock.
public struct OffsiteState: Equatable, Sendable {
    /// After a failure: when the network was not up yet, nobody wants to wait for a day.
    private static let retry = 900
    /// For the run itself.
    private static let slack = 3600

    let schedule: Schedule
    let checkSchedule: Schedule?
    let began: Int
    /// When the last snapshot was made.
    private(set) var lastGood: Int?
    private var lastTry: Int?
    /// Why the last try failed.
    private(set) var failure: String?
    private var lastCheck: Int?
    /// What is wrong with the repository.
    private(set) var damage: String?

    public init(_ settings: Configuration.OffsiteSettings, began: Int) {
        (schedule, checkSchedule, self.began) = (settings.schedule, settings.check, began)
    }

    public mutating func found(lastSnapshot: Int?) {
        lastGood = lastSnapshot
    }

    public mutating func sent(at now: Int) {
        (lastGood, lastTry, failure) = (now, now, nil)
    }

    public mutating func failed(_ reason: String, at now: Int) {
        (lastTry, failure) = (now, reason)
    }

    public mutating func checked(damage: String?, at now: Int) {
        (lastCheck, self.damage) = (now, damage)
    }

    public func nextTry(_ now: Int) -> Int {
        let due = schedule.nextRun(after: lastTry ?? lastGood, watchedSince: began, now: now)
        return failure == nil ? due : min(due, min(lastTry ?? now, now) + Self.retry)
    }

    public func isCheckDue(_ now: Int) -> Bool {
        guard let checkSchedule else { return false }
        return checkSchedule.nextRun(after: lastCheck, watchedSince: began, now: now) <= now
    }

    /// Until when the health check is content, if nothing else happens: one run may fail, two in a row may not.
    public var goodUntil: Int {
        guard damage == nil else { return 0 }
        let base = lastGood ?? began
        let due = schedule.nextRun(after: base, watchedSince: base, now: base)
        return schedule.nextRun(after: due, watchedSince: due, now: due) + Self.slack
    }

    /// What the health check says.
    public var text: String {
        let last =
            lastGood.map { "the last snapshot is of \(Timestamp.text(ofSecond: $0))" } ?? "there is no snapshot yet"
        return ([last] + [damage, failure].compactMap { $0 }).joined(separator: "; ")
    }
}
