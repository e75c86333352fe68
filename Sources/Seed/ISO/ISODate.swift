import Basics

/// A date as the structures of an image write it, in UTC.
public struct ISODate: Equatable, Sendable {
    let year: Int
    let month: UInt8
    let day: UInt8
    /// Of the day.
    let second: Int

    /// Of everything in a seed: the same credentials give the same bytes.
    public static let constant = ISODate(year: 2000, month: 1, day: 1)

    init(year: Int, month: UInt8, day: UInt8, second: Int = 0) {
        (self.year, self.month, self.day, self.second) = (year, month, day, second)
    }

    /// - Parameter seconds: since 1970. What cannot be written, as its year is before 1900 or after 2155, is `constant`.
    public init(secondsSince1970 seconds: Int) {
        // Far beyond all that a calendar is made for.
        guard (-2_208_988_800..<5_869_584_000).contains(seconds) else {
            self = .constant
            return
        }
        let time = CivilTime(second: seconds)
        let (year, month, day) = time.date
        self.init(
            year: year, month: UInt8(truncatingIfNeeded: month), day: UInt8(truncatingIfNeeded: day),
            second: time.second)
    }

    /// Hour, minute and second.
    private var time: [Int] { [second / 3600, second / 60 % 60, second % 60] }

    /// Seven bytes (ECMA-119 §9.1.5).
    func encodeRecording(into bytes: inout ISOBytes) {
        bytes.raw([UInt8(truncatingIfNeeded: year - 1900), month, day])
        bytes.raw(time.map { UInt8(truncatingIfNeeded: $0) })
        bytes.uint8(0)
    }

    /// Seventeen bytes: digits to hundredths of a second, then the offset from UTC (ECMA-119 §8.4.26.1).
    func encodeDigits(into bytes: inout ISOBytes) {
        let parts = [(year, 4), (Int(month), 2), (Int(day), 2)] + time.map { ($0, 2) } + [(0, 2)]
        for (value, width) in parts {
            let digits = String(value)
            bytes.ascii(String(repeating: "0", count: max(0, width - digits.count)) + digits)
        }
        bytes.uint8(0)
    }

    /// No date (ECMA-119 §8.4.26.1).
    static func encodeNone(into bytes: inout ISOBytes) {
        bytes.ascii(String(repeating: "0", count: 16))
        bytes.uint8(0)
    }
}
