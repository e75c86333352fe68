import Basics

/// The five fields of a line of cron's (crontab(5)): minute, hour, day of the month, month, day of the week.
public struct CronTimes: Equatable, Sendable {
    private let minutes: CronField
    private let hours: CronField
    private let days: CronField
    private let months: CronField
    private let weekdays: CronField
    /// In small letters, one blank between the fields.
    let text: String

    /// - Parameter text: what is quoted when it is refused.
    init(_ words: [Substring], in text: String) throws(Rejection) {
        guard words.count == 5 else {
            throw Rejection(
                text,
                "is no schedule; write every 6h, or five fields: minute hour day month weekday, such as 30 2 * * *")
        }
        func field(_ index: Int, _ kind: CronField.Kind) throws(Rejection) -> CronField {
            do throws(CronField.Problem) {
                return try CronField(words[index], kind)
            } catch {
                throw Rejection(text, "has \(quoted(words[index])) for the \(kind.name): \(error.text)")
            }
        }
        minutes = try field(0, .minute)
        hours = try field(1, .hour)
        days = try field(2, .day)
        months = try field(3, .month)
        weekdays = try field(4, .weekday)
        self.text = words.joined(separator: " ")
        // 29 February counts: it comes.
        let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let comes =
            !days.isRestricted || weekdays.isRestricted
            || (1...12).contains { months.has($0) && (1...lengths[$0 - 1]).contains(where: days.has) }
        guard comes else { throw Rejection(text, "never comes: no such month has such a day; write another day") }
    }

    /// The first one after `second`.
    func next(after second: Int) -> Int {
        var time = CivilTime(second: second - CivilTime(second: second).second % 60 + 60)
        // 29 February may be eight years off, and with a day of the week forty.
        for _ in 0..<(41 * 366) {
            if has(time), let next = first(from: time.second) {
                return CivilTime(day: time.day, second: next).secondsSince1970
            }
            time = CivilTime(day: time.day + 1)
        }
        return .max
    }

    private func has(_ time: CivilTime) -> Bool {
        let date = time.date
        guard months.has(date.month) else { return false }
        let (day, weekday) = (days.has(date.day), weekdays.has(time.weekday))
        // crontab(5): when both are restricted, either will do.
        return days.isRestricted && weekdays.isRestricted ? day || weekday : day && weekday
    }

    /// Of a day, at `second` or later.
    private func first(from second: Int) -> Int? {
        for hour in (second / 3600)..<24 where hours.has(hour) {
            let start = hour == second / 3600 ? second % 3600 / 60 : 0
            if let minute = (start..<60).first(where: minutes.has) { return hour * 3600 + minute * 60 }
        }
        return nil
    }
}
