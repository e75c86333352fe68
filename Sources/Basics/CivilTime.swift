/// A second of the calendar, in UTC. Leap seconds do not count, as for the kernel.
public struct CivilTime: Equatable, Sendable {
    /// Days since 1970-01-01, a Thursday.
    public var day: Int
    /// Of the day, from 0 on.
    public var second: Int

    public init(second: Int) {
        day = second.floored(by: 86_400)
        self.second = second - day * 86_400
    }

    public init(day: Int, second: Int = 0) {
        (self.day, self.second) = (day, second)
    }

    /// Since 1970.
    public var secondsSince1970: Int { day * 86_400 + second }

    /// 0 is Sunday.
    public var weekday: Int { (day + 4) - (day + 4).floored(by: 7) * 7 }

    /// Counts the weeks that begin on a Monday, as ISO 8601's do.
    public var week: Int { (day + 3).floored(by: 7) }

    /// Of the proleptic Gregorian calendar. Years are counted from March, so that February's length comes last
    /// (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    public var date: (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = shifted.floored(by: 146_097)
        let ofEra = shifted - era * 146_097
        let years = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * years + years / 4 - years / 100)
        let part = (5 * ofYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (years + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * part + 2) / 5 + 1)
    }

    /// Nil for a date that is in no calendar, such as 30 February.
    public init?(year: Int, month: Int, day: Int, second: Int = 0) {
        guard (1...12).contains(month), (1...31).contains(day), (0..<86_400).contains(second) else { return nil }
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.floored(by: 400)
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear
        self.init(day: era * 146_097 + days - 719_468, second: second)
        guard date == (year, month, day) else { return nil }
    }
}

extension CivilTime {
    /// `2026-11-27T13:32:28.43Z`, of which the fraction is left out (RFC 3339); nil for any that is not UTC.
    public init?(rfc3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int { Int(decimal: String(decoding: bytes[range], as: UTF8.self)) ?? -1 }
        let second = number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19)
        self.init(year: number(0..<4), month: number(5..<7), day: number(8..<10), second: second)
    }
}

extension Int {
    fileprivate func floored(by divisor: Int) -> Int {
        self >= 0 ? self / divisor : -((divisor - 1 - self) / divisor)
    }
}
