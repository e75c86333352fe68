import JSON
import Linux
import TestSupport
import Testing

@testable import Backup

/// `verify.json`.
@Suite struct VerifyResultTests {
    private func result(_ problems: [String]) throws -> VerifyResult {
        VerifyResult(id: try id("20261127T120000Z"), second: noon + 60, problems: problems, droverVersion: "1.0")
    }

    @Test func whatIsWrittenIsRead() throws {
        for result in [try result([]), try result(["disk0.qcow2 is cut off", "\u{1F600} \"x\""])] {
            #expect(VerifyResult(result.encoded, of: result.id) == result)
            #expect(VerifyResult(result.encoded, of: try id("20261127T120001Z")) == nil)
        }
        #expect(try result(Array(repeating: "x", count: 100)).problems.count == 32)
    }

    @Test(
        arguments: [
            ("version", 2), ("id", "yesterday"), ("result", "damaged"), ("verifiedAt", "20261127T120000Z"),
            ("problems", ["x"]), ("problems", [1]), ("problems", nil), ("droverVersion", nil),
        ] as [(String, JSONValue?)]) func anythingElseIsNoResult(name: String, value: JSONValue?) throws
    {
        let result = try result([])
        let members = (result.jsonValue.members ?? []).map { member -> (name: String, value: JSONValue?) in
            let own = String(decoding: member.name, as: UTF8.self)
            return (own, own == name ? value : member.value)
        }
        #expect(VerifyResult(JSONValue.object(members).encoded(), of: result.id) == nil)
        #expect(VerifyResult([], of: result.id) == nil)
    }

    /// It is found again, and goes with its backup.
    @Test func itLiesBesideTheManifest() throws {
        let temporary = try TemporaryFolder()
        let writer = try BackupWriter(try BackupFolder(temporary.path), holder: "a test")
        let first = try id("20261127T120000Z")
        try make(try manifest(first), writer)
        try writer.folder.note(try result([]))
        try writer.folder.note(try result(["disk0.qcow2 is cut off"]))
        let list = try writer.folder.list()
        #expect(list.verifications == [first: try result(["disk0.qcow2 is cut off"])] && list.broken.isEmpty)
        #expect(BackupTable(list).text.split(separator: "\n")[1].contains("  damaged"))
        #expect(
            BackupTable(list).jsonValue["backups"]?.elements?.map { $0["verify"]?["result"]?.text } == ["damaged"])
        // Nothing is built on it, and it is no reason to remove another one.
        let disks = try manifest(first).disks.map {
            RunningDisk(
                name: $0.name, device: "drive0", isFiltered: false, format: "qcow2", size: $0.virtualSize,
                bitmaps: [RunningDisk.Bitmap(name: BackupNames.bitmap(of: first), isWhole: true)])
        }
        let kind = Manifest.Kind(of: disks, after: list, isFullAsked: false, .increments(7), now: noon)
        #expect(kind == .full(reason: "20261127T120000Z is damaged, as verifying has found"))
        #expect(list.points.map(\.isRestorable) == [false])
        try writer.remove(first)
        #expect(try writer.folder.list() == BackupList())
    }

    @Test func schemaIsThatOfTheCode() throws {
        let schema = try JSONParser.parse(readFile("\(repository)/docs/backup-verify.schema.json", limit: 1 << 20))
        let written = (try result([]).jsonValue.members ?? []).map { String(decoding: $0.name, as: UTF8.self) }
        #expect(try schema.list("required") { $0.text ?? "" } == written)
        let known = (try schema.member("properties").members ?? []).map { String(decoding: $0.name, as: UTF8.self) }
        #expect(known == written)
    }
}
