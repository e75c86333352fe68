import Basics
import Foundation
import Glibc
import Linux
import Testing

@testable import Machine
@testable import Supervision

/// What the log consists of, in both formats.
struct LogTests {
    private func output(of log: Log) -> String {
        var bytes: [UInt8] = []
        while !log.isEmpty {
            log.writeChunk {
                bytes += $0
                return $0.count
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func write(_ lines: [String], from source: LogSource = .console, to log: Log) {
        for line in lines { Array(line.utf8).withUnsafeBytes { log.write(source, sanitized: $0) } }
    }

    @Test func everyTextLineNamesItsSource() {
        let log = Log(format: .text, lowestLevel: .info)
        write(["drover: error: forged"], to: log)
        write(["warning"], from: .qemu, to: log)
        log.write(.info, "one")
        log.write(.warning, "two\nlines")
        log.write(.debug, "left out")
        log.write(.debug, "never left out", from: .audit)
        #expect(
            output(of: log) == """
                console: drover: error: forged
                qemu: warning
                drover: one
                drover: warning: two?lines
                audit: debug: never left out

                """)
    }

    /// Whatever a sanitised line holds comes out of a JSON parser as it was.
    @Test func everyRecordIsJSON() throws {
        let messages = [
            "plain", "a \"quoted\" \\ line", "\t", "\"", "\\\\", "tab\tin the middle", "Größe, 世界, 🐑",
            #"{"nested":"\u0000"}"#, String(repeating: "\"", count: 4096),
        ]
        let log = Log(format: .json, lowestLevel: .debug)
        write(messages, to: log)
        log.write(.error, String(repeating: "\"", count: 100_000))
        let records = try output(of: log).split(separator: "\n").map {
            try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String], "\($0)")
        }
        #expect(records.dropLast().map { $0["message"] } == messages)
        #expect(records.dropLast().allSatisfy { $0["source"] == "console" && $0["level"] == "info" })
        #expect(records.last?["level"] == "error" && records.last?["source"] == "drover")
        for record in records {
            #expect(Set(record.keys) == ["level", "message", "source", "time"])
            #expect(record["time"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil, "\(record)")
        }
    }

    @Test func theTimeOfARecordIsItsOwn() {
        var record = LogRecord()
        func tail(_ second: Int, _ millisecond: Int, _ source: LogSource = .console) -> String {
            let time = timespec(tv_sec: second, tv_nsec: millisecond * 1_000_000 + 1)
            return record.withParts(source, .info, UnsafeRawBufferPointer(start: nil, count: 0), at: time) {
                String(decoding: $2, as: UTF8.self)
            }
        }
        #expect(tail(0, 0) == #"","source":"console","time":"1970-01-01T00:00:00.000Z"}"#)
        #expect(tail(0, 999) == #"","source":"console","time":"1970-01-01T00:00:00.999Z"}"#)
        #expect(tail(86_400, 999) == #"","source":"console","time":"1970-01-02T00:00:00.999Z"}"#)
        #expect(tail(86_400, 999, .qemu) == #"","source":"qemu","time":"1970-01-02T00:00:00.999Z"}"#)
        // A clock that is set back.
        #expect(tail(0, 999, .qemu) == #"","source":"qemu","time":"1970-01-01T00:00:00.999Z"}"#)
    }

    // MARK: Empty lines

    @Test func emptyLinesInARowAreFoldedAfterTheThird() {
        let log = Log(format: .text, lowestLevel: .info)
        let empty = [String](repeating: "", count: 1000)
        write(["one"] + empty.prefix(3) + ["two"] + empty.prefix(4) + ["three"] + empty, to: log)
        // Another's line ends the run, and comes where it belongs.
        log.write(.info, "four")
        write(["", ""], to: log)
        write(["", ""], from: .qemu, to: log)
        let shown = "console: \n"
        let expected = [
            "console: one\n", shown, shown, shown,
            "console: two\n", shown, shown, shown, "console: … 1 more empty line\n",
            "console: three\n", shown, shown, shown, "console: … 997 more empty lines\n",
            "drover: four\n", shown, shown, "qemu: \nqemu: \n",
        ]
        #expect(output(of: log) == expected.joined())
    }

    @Test func aMessageThatIsLeftOutEndsNoRun() {
        let log = Log(format: .text, lowestLevel: .info)
        for _ in 0..<10 {
            write([""], to: log)
            log.write(.debug, "left out")
        }
        #expect(output(of: log) == "console: \nconsole: \nconsole: \n")
        #expect(log.deadline != nil)
        log.tellAll()
        #expect(output(of: log) == "console: … 7 more empty lines\n")
        #expect(log.deadline == nil)
    }

    /// A guest that writes nothing else is not silent in the log, and none of its lines is shown.
    @Test func aRunWithoutEndIsToldOfEverySecond() {
        var lines = EmptyLines()
        var now = Instant(nanoseconds: 0)
        var told: [String] = []
        var shown = 0
        for _ in 0..<1000 {
            if let deadline = lines.deadline, deadline <= now { told += [lines.tell()?.message].compactMap { $0 } }
            if lines.take(from: .console, now: { now }) { shown += 1 }
            now = now + .milliseconds(10)
        }
        #expect(shown == EmptyLines.shownCount)
        #expect(told.count == 9 && told.allSatisfy { $0 == "… 100 more empty lines" }, "\(told)")
    }

    /// A client that is refused in a loop gets some lines a minute and a count, and hides nobody else's.
    @Test(arguments: ProvokedLines.Kind.allCases)
    func whatAClientCanBringAboutDoesNotFillTheLog(_ kind: ProvokedLines.Kind) {
        let log = Log(format: .text, lowestLevel: .info)
        let start = Instant(nanoseconds: 0)
        for step in 0..<12_000 {
            let now = start + .milliseconds(10 * step)
            if let deadline = log.deadline, deadline <= now { log.deadlineReached(at: now) }
            log.write("no", provoked: kind, at: now)
        }
        let others = ProvokedLines.Kind.allCases.filter { $0 != kind }
        for other in others { log.write("\(other)", provoked: other, at: start) }
        log.write(.info, "cont", from: .audit)
        log.tellAll()
        let shown = Array(repeating: "no", count: ProvokedLines.shownCount)
        let minute = shown + [kind.summary(6000 - ProvokedLines.shownCount)]
        let lines = output(of: log).split(separator: "\n").map { $0.split(separator: ": ").last.map(String.init) }
        #expect(lines == minute + shown + others.map { "\($0)" } + ["cont"] + minute.suffix(1))
        #expect(log.deadline == nil)
    }

    @Test func theNextMinuteBeginsAnew() {
        let log = Log(format: .text, lowestLevel: .info)
        let start = Instant(nanoseconds: 0)
        log.write("first", provoked: .refusedCommand, at: start)
        #expect(log.deadline == start + ProvokedLines.interval)
        log.deadlineReached(at: start + ProvokedLines.interval)
        #expect(log.deadline == nil)
        for _ in 0..<ProvokedLines.shownCount { log.write("again", provoked: .refusedCommand, at: start) }
        #expect(output(of: log).split(separator: "\n").count == 1 + ProvokedLines.shownCount)
    }
}
