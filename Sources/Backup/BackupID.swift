import Basics

/// Names a backup by its point in time, in UTC (ISO 8601, basic format): `20261127T093000Z`, and `20261127T093000Z-2` for the
/// second one of that second.
public struct BackupID: Hashable, Sendable {
    /// Since 1970.
    public let second: Int
    /// From 1 on, among those of that second.
    public let number: Int

    /// - Parameter existing: what there is in the folder, whether it is complete or not.
    public init(atSecond second: Int, existing: [BackupID]) {
        self.second = second
        number = 1 + (existing.filter { $0.second == second }.map(\.number).max() ?? 0)
    }

    /// Nil for anything that is written in another way.
    public init?(_ text: String) {
        let parts = text[...].fields(at: "-")
        guard let time = parts.first.map({ Array($0.utf8) }), time.count == 16 else { return nil }
        func number(_ range: Range<Int>) -> Int? { Int(decimal: String(decoding: time[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8), let hour = number(9..<11),
            let minute = number(11..<13), let second = number(13..<15), hour < 24, minute < 60, second < 60,
            let civil = CivilTime(year: year, month: month, day: day, second: hour * 3600 + minute * 60 + second)
        else { return nil }
        self.second = civil.secondsSince1970
        self.number = parts.count == 2 ? Int(decimal: parts[1]) ?? 0 : 1
        guard self.number > 0, self.text == text else { return nil }
    }

    public var text: String {
        let time = timeText.utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") }
        return String(decoding: time, as: UTF8.self) + (number == 1 ? "" : "-\(number)")
    }

    /// By RFC 3339.
    public var timeText: String { Timestamp.text(ofSecond: second) }
}

extension BackupID: Comparable {
    public static func < (left: BackupID, right: BackupID) -> Bool {
        (left.second, left.number) < (right.second, right.number)
    }
}

extension BackupID: CustomStringConvertible {
    public var description: String { text }
}
