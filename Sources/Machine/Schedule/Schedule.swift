import Basics

/// When something is to be done again and again, in UTC. Knows no clock: times are seconds since 1970.
public enum Schedule: Equatable, Sendable {
    /// So long after the last time.
    case every(Period)
    case cron(CronTimes)

    /// When it is due next. That is in the past when a time has been missed, or several: what is done then, once, makes up for
    /// all of them.
    ///
    /// - Parameters:
    ///   - last: when it was done last; nil when it never was.
    ///   - start: since when somebody watches the clock.
    ///   - now: before `last` when the clock has been put back, which must not stop everything until it gets there again.
    public func nextRun(after last: Int?, watchedSince start: Int, now: Int) -> Int {
        switch self {
        case .every(let period): last.map { min($0, now) + period.seconds } ?? start
        case .cron(let times): times.next(after: min(last ?? start, now))
        }
    }
}

extension Schedule {
    init(parsing text: String) throws(Rejection) {
        let words = text.lowercased().split { $0 == " " || $0 == "\t" }
        if words.first == "every" {
            guard words.count == 2, let period = Period(words[1]) else {
                throw Rejection(text, "is no time between runs; write every 30m, every 6h or every 1d")
            }
            self = .every(period)
        } else {
            self = .cron(try CronTimes(words, in: text))
        }
    }

    public var text: String {
        switch self {
        case .every(let period): "every \(period.text)"
        case .cron(let times): times.text
        }
    }
}

extension ValueSyntax where Value == Schedule {
    static var schedule: ValueSyntax<Schedule> {
        ValueSyntax(
            "every PERIOD|MINUTE HOUR DAY MONTH WEEKDAY",
            range: "every 30m, every 6h, every 1d; or cron's five fields, in UTC, with lists, ranges, steps and names"
        ) { text throws(Rejection) in
            try Schedule(parsing: text)
        } show: {
            $0.text
        }
    }
}
