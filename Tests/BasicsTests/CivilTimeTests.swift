import Basics
import Foundation
import Testing

@Suite struct CivilTimeTests {
    /// Every day from 1960 to 2110, as the C library has it.
    @Test func everyDayIsTheCLibrarys() {
        for day in -3653...51_134 {
            var (second, parts) = (time_t(day * 86_400 + 3661), tm())
            gmtime_r(&second, &parts)
            let time = CivilTime(second: day * 86_400 + 3661)
            let date = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
            #expect(time.day == day && time.second == 3661 && time.date == date)
            #expect(time.weekday == Int(parts.tm_wday))
            #expect(CivilTime(year: date.0, month: date.1, day: date.2, second: 3661) == time)
        }
    }

    @Test(arguments: [(2026, 2, 29), (2100, 2, 29), (2026, 4, 31), (2026, 13, 1), (2026, 0, 1), (2026, 1, 0)])
    func noSuchDay(year: Int, month: Int, day: Int) {
        #expect(CivilTime(year: year, month: month, day: day) == nil)
    }

    /// 2027-01-01 is a Friday of the week that began on 2026-12-28.
    @Test func weeksBeginOnMondayAndGoOverYears() throws {
        let monday = try #require(CivilTime(year: 2026, month: 12, day: 28))
        #expect(monday.weekday == 1)
        let weeks = (-1...7).map { CivilTime(day: monday.day + $0).week - monday.week }
        #expect(weeks == [-1, 0, 0, 0, 0, 0, 0, 0, 1])
    }
}
