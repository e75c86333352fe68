import Foundation
import Testing

@testable import Machine

@Suite struct ScheduleTests {
    private static let noon = 1_795_780_800  // 2026-11-27T12:00:00Z, a Friday

    /// The next times after noon of 2026-11-27.
    @Test(arguments: [
        ("30 2 * * *", ["2026-11-28T02:30", "2026-11-29T02:30"]),
        ("0 */6 * * *", ["2026-11-27T18:00", "2026-11-28T00:00", "2026-11-28T06:00"]),
        ("0 12 * * *", ["2026-11-28T12:00"]), ("* * * * *", ["2026-11-27T12:01", "2026-11-27T12:02"]),
        ("5,35 12 * * *", ["2026-11-27T12:05", "2026-11-27T12:35", "2026-11-28T12:05"]),
        ("10-30/10 13 * * *", ["2026-11-27T13:10", "2026-11-27T13:20", "2026-11-27T13:30", "2026-11-28T13:10"]),
        ("0 0 1 * *", ["2026-12-01T00:00", "2027-01-01T00:00"]),
        ("0 0 31 * *", ["2026-12-31T00:00", "2027-01-31T00:00"]),
        ("0 0 29 feb *", ["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 3 * * MON-fri", ["2026-11-30T03:00", "2026-12-01T03:00"]),
        ("0 3 * * sat-sun", ["2026-11-28T03:00", "2026-11-29T03:00", "2026-12-05T03:00"]),
        ("0 3 * * 0", ["2026-11-29T03:00", "2026-12-06T03:00"]), ("0 3 * * 7", ["2026-11-29T03:00"]),
        ("0 3 * jan,jul mon", ["2027-01-04T03:00"]),
        // crontab(5): either will do, when both are restricted.
        ("0 0 1 * mon", ["2026-11-30T00:00", "2026-12-01T00:00", "2026-12-07T00:00"]),
        ("0 0 */2 * mon", ["2026-12-07T00:00", "2026-12-21T00:00"]),
    ]) func cron(text: String, times: [String]) throws {
        let schedule = try Schedule(parsing: text)
        var last = Self.noon
        var found: [String] = []
        for _ in times {
            last = schedule.nextRun(after: last, watchedSince: 0, now: last)
            found.append(
                String(ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(last))).prefix(16)))
        }
        #expect(found == times)
    }

    @Test func everySoLong() throws {
        let schedule = try Schedule(parsing: " every  90M")
        #expect(schedule.text == "every 90m")
        #expect(schedule.nextRun(after: 1000, watchedSince: 0, now: 1001) == 1000 + 5400)
        #expect(schedule.nextRun(after: nil, watchedSince: 500, now: 501) == 500)
        #expect(
            try Schedule(parsing: "every 120m").text == "every 2h" && Schedule(parsing: "every 2w").text == "every 14d")
    }

    /// One run makes up for all that were missed, in a day without a host as when the clock jumps.
    @Test(arguments: ["every 6h", "0 */6 * * *"]) func oneForAllThatWereMissed(text: String) throws {
        let schedule = try Schedule(parsing: text)
        var (last, now, runs) = (Self.noon, Self.noon, 0)
        func tick(_ seconds: Int) {
            now += seconds
            if schedule.nextRun(after: last, watchedSince: Self.noon, now: now) <= now {
                (last, runs) = (now, runs + 1)
            }
        }
        for _ in 0..<(5 * 60) { tick(60) }
        #expect(runs == 0)
        // Over three of them.
        tick(19 * 3600)
        #expect(runs == 1)
        for _ in 0..<300 { tick(1) }
        #expect(runs == 1)
        for _ in 0..<(24 * 60) { tick(60) }
        #expect(runs == 5)
    }

    /// It was set a year ahead, and is right again: the next one does not take a year.
    @Test(arguments: ["every 6h", "0 */6 * * *"]) func aClockPutBack(text: String) throws {
        let schedule = try Schedule(parsing: text)
        let next = schedule.nextRun(after: Self.noon + 365 * 86_400, watchedSince: Self.noon, now: Self.noon + 60)
        #expect(next <= Self.noon + 60 + 6 * 3600)
    }

    /// Two years, minute by minute, against what the fields say by themselves.
    @Test func twoYearsOfCron() throws {
        let schedule = try Schedule(parsing: "7-59/13 1-5,23 2,30 * tue")
        var next = schedule.nextRun(after: Self.noon, watchedSince: 0, now: Self.noon)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        for day in 0..<730 {
            let start = Self.noon - 12 * 3600 + day * 86_400
            let parts = calendar.dateComponents([.day, .weekday], from: Date(timeIntervalSince1970: Double(start)))
            let isDay = [2, 30].contains(parts.day) || parts.weekday == 3
            for minute in 0..<1440 where start + minute * 60 > Self.noon {
                let isTime = [7, 20, 33, 46, 59].contains(minute % 60) && [1, 2, 3, 4, 5, 23].contains(minute / 60)
                guard isDay && isTime else { continue }
                #expect(next == start + minute * 60)
                next = schedule.nextRun(after: next, watchedSince: 0, now: next)
            }
        }
    }
}
