import Basics
import JSON
import Linux
import TestSupport
import Testing

@testable import Backup

/// `test.json`.
@Suite struct TestResultTests {
    private func result(_ hasPassed: Bool, lastSeen: [String] = []) throws -> TestResult {
        TestResult(
            id: try id("20261127T120000Z"), second: noon + 60, hasPassed: hasPassed, reason: "as seen",
            lastSeen: lastSeen, seconds: 31.5, ram: MiB(256), qemuVersion: "10.0.2", droverVersion: "1.0")
    }

    @Test func whatIsWrittenIsRead() throws {
        for result in [try result(true), try result(false, lastSeen: ["No bootable device.", "\u{1F600} \"x\""])] {
            #expect(TestResult(result.encoded, of: result.id) == result)
            #expect(TestResult(result.encoded, of: try id("20261127T120001Z")) == nil)
        }
    }

    @Test(
        arguments: [
            ("version", 2), ("id", "yesterday"), ("result", "good"), ("testedAt", "20261127T120000Z"),
            ("testedAt", "2026-11-27T12:00:60Z"), ("seconds", "1"), ("memory", nil), ("lastSeen", [1]),
        ] as [(String, JSONValue?)]) func anythingElseIsNoTest(name: String, value: JSONValue?) throws
    {
        let result = try result(true)
        let members = (result.jsonValue.members ?? []).map { member -> (name: String, value: JSONValue?) in
            let own = String(decoding: member.name, as: UTF8.self)
            return (own, own == name ? value : member.value)
        }
        #expect(TestResult(JSONValue.object(members).encoded(), of: result.id) == nil)
        #expect(TestResult([], of: result.id) == nil)
    }

    @Test func aLineSaysIt() throws {
        #expect(try result(true).summary == "20261127T120000Z has passed its test: as seen after 32 s")
        #expect(
            try result(false, lastSeen: ["a \u{1B}[1m", "b"]).summary
                == #"20261127T120000Z has failed its test: as seen; last seen of it: "a \u{1b}[1m", "b""#)
        #expect(try result(false).summary.hasSuffix("last seen of it: nothing"))
    }

    /// It is found again, and does not change what the backup is.
    @Test func itLiesBesideTheManifest() throws {
        let temporary = try TemporaryFolder()
        let writer = try BackupWriter(try BackupFolder(temporary.path), holder: "a test")
        let (first, second) = (try id("20261127T120000Z"), try id("20261127T180000Z"))
        try make(try manifest(first), writer)
        try make(try manifest(second, of: first), writer)
        let before = try writer.folder.list().backups
        try writer.folder.note(try result(true))
        try writer.folder.note(try result(false))
        let list = try writer.folder.list()
        #expect(list.backups == before && list.broken.isEmpty && list.partials.isEmpty)
        #expect(list.tests == [first: try result(false)])
        #expect(list.points.map(\.isGood) == [false, true] && list.points.map(\.isProved) == [false, false])
        let row = BackupTable(list).text.split(separator: "\n")[1]
        #expect(row.contains("disk0  failed"), "\(row)")
        #expect(
            BackupTable(list).jsonValue["backups"]?.elements?.map { $0["test"]?["result"]?.text } == ["failed", nil])
        try writer.prune(nil)
        try writer.remove(second)
        try writer.remove(first)
        #expect(try writer.folder.list() == BackupList())
    }

    @Test func schemaIsThatOfTheCode() throws {
        let schema = try JSONParser.parse(readFile("\(repository)/docs/backup-test.schema.json", limit: 1 << 20))
        let written = (try result(false).jsonValue.members ?? []).map { String(decoding: $0.name, as: UTF8.self) }
        #expect(try schema.list("required") { $0.text ?? "" } == written)
        let known = (try schema.member("properties").members ?? []).map { String(decoding: $0.name, as: UTF8.self) }
        #expect(known == written)
    }
}
