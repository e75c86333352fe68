import JSON
import Linux
import Machine
import TestSupport
import Testing

@testable import Backup

@Suite struct ManifestTests {
    @Test func whatIsWrittenIsRead() throws {
        let first = try id("20261127T120000Z")
        var full = try manifest(first, disks: ["disk0", "disk1"])
        full.label = "before the upgrade \u{1F600} \"quoted\""
        full.disks[1].bitmap = nil
        full.disks[1].sourceFormat = .raw
        #expect(try Manifest(full.encoded) == full)
        let increment = try manifest(try id("20261127T180000Z"), of: first)
        #expect(try Manifest(increment.encoded) == increment)
        #expect(increment.backingName(of: increment.disks[0]) == "../20261127T120000Z/disk0.qcow2")
    }

    /// A later version of Drover may write more into a manifest that this one can still restore.
    @Test func unknownMembersArePassedOver() throws {
        let manifest = try manifest(try id("20261127T120000Z"))
        let more = changed(manifest, "further", to: ["of": "another version"])
        #expect(try Manifest(more) == manifest)
    }

    /// Of the first version, which hashed whole files.
    @Test func anOlderOneIsRead() throws {
        var manifest = try manifest(try id("20261127T120000Z"))
        let disk = try #require(manifest.jsonValue["disks"]?.elements?.first)
        let disks: JSONValue = .array([replaced(disk, "sha256PieceSize", nil)])
        let old = replaced(replaced(manifest.jsonValue, "version", 1), "disks", disks)
        manifest.disks[0].digest = FileDigest(sha256: manifest.disks[0].digest.sha256, pieceSize: nil)
        #expect(try Manifest(old.encoded()) == manifest)
    }

    @Test(
        arguments: [
            ("version", 3, "is of version 3, which this Drover does not read; use a newer one"),
            ("version", nil, "is not understood: version: expected a value"),
            ("id", "yesterday", "is not understood: id: expected a backup's name, such as 20261127T093000Z"),
            ("createdAt", "2026-11-27T12:00:01Z", "is not understood: createdAt: expected 2026-11-27T12:00:00Z"),
            ("kind", "increment", "is not understood: parent: expected a value"),
            ("kind", "differential", "is not understood: kind: expected full or increment"),
            ("reason", nil, "is not understood: reason: expected a value"),
            ("guest", "A", "is not understood: guest: expected 32 hexadecimal digits"),
            ("seconds", "1", "is not understood: seconds: expected a number"),
            ("disks", [], "is not understood: disks: expected one or more, each with a name of its own"),
            (
                "consistency", "good",
                "is not understood: consistency: expected frozen-by-agent, read-only-by-agent, crash-consistent or "
                    + "guest-was-paused"
            ),
        ] as [(String, JSONValue?, String)]) func refused(name: String, value: JSONValue?, message: String) throws
    {
        let bytes = changed(try manifest(try id("20261127T120000Z")), name, to: value)
        #expect(try problem(bytes) == message)
    }

    @Test(
        arguments: [
            ("name", "../disk0", "name: expected 1 to 32 small letters and digits"),
            ("file", "/etc/passwd", "file: expected disk0.qcow2"),
            ("sha256", "00", "sha256: expected 64 hexadecimal digits"),
            ("sha256PieceSize", 1, "sha256PieceSize: expected 1048576 to 1073741824 bytes"),
            ("sha256PieceSize", .integer(Int64.max), "sha256PieceSize: expected 1048576 to 1073741824 bytes"),
            ("sourceFormat", "vmdk", "sourceFormat: expected qcow2 or raw"),
            ("fileSize", -1, "fileSize: expected a number of bytes"),
        ] as [(String, JSONValue?, String)]) func refusedDisk(name: String, value: JSONValue?, message: String) throws
    {
        let manifest = try manifest(try id("20261127T120000Z"))
        let disk = try #require(manifest.jsonValue["disks"]?.elements?.first)
        let bytes = changed(manifest, "disks", to: [replaced(disk, name, value)])
        #expect(try problem(bytes) == "is not understood: disks.0.\(message)")
    }

    @Test func noJSON() throws {
        #expect(try problem([]).hasPrefix("is no JSON: "))
        #expect(try problem(Array(manifest(try id("20261127T120000Z")).encoded.dropLast(3))).hasPrefix("is no JSON: "))
    }

    @Test func onlyVariablesThatAreSetAndKnown() {
        let parsed = Configuration.parse(
            ["QEMU_RAM": "512", "HOME": "/root", "ROOT_PASSWORD": "secret", "ROOT_PASSWORD_FILE": "/run/secrets/mine"])
        #expect(
            parsed.settings == [
                Manifest.Setting(name: "QEMU_RAM", value: "512M"),
                Manifest.Setting(name: "ROOT_PASSWORD_FILE", value: "/run/secrets/mine"),
            ])
    }

    /// Every member that is written is in the schema, and what the schema requires is written.
    @Test func schemaIsThatOfTheCode() throws {
        let schema = try JSONParser.parse(readFile("\(repository)/docs/backup-manifest.schema.json", limit: 1 << 20))
        let first = try id("20261127T120000Z")
        var full = try manifest(first)
        full.label = "label"
        var written: Set<String> = []
        for manifest in [full, try manifest(try id("20261127T180000Z"), of: first)] {
            written.formUnion(names(manifest.jsonValue))
            try compare(manifest.jsonValue, with: schema)
            try compare(
                try #require(manifest.jsonValue["disks"]?.elements?.first),
                with: schema.member("properties").member("disks").member("items"))
        }
        #expect(written == names(try schema.member("properties")))
        let levels = try schema.member("properties").member("consistency").list("enum") { $0.text }
        #expect(levels == Manifest.Consistency.allCases.map(\.rawValue))
    }

    private func compare(_ value: JSONValue, with schema: JSONValue) throws {
        #expect(names(value).isSubset(of: names(try schema.member("properties"))))
        #expect(Set(try schema.list("required") { $0.text ?? "" }).isSubset(of: names(value)))
    }

    private func names(_ value: JSONValue) -> Set<String> {
        Set((value.members ?? []).map { String(decoding: $0.name, as: UTF8.self) })
    }

    private func problem(_ bytes: [UInt8]) throws -> String {
        do throws(Manifest.Problem) {
            _ = try Manifest(bytes)
        } catch {
            return error.text
        }
        throw TestFailure("it is read")
    }

    private func changed(_ manifest: Manifest, _ name: String, to value: JSONValue?) -> [UInt8] {
        replaced(manifest.jsonValue, name, value).encoded()
    }

    private func replaced(_ object: JSONValue, _ name: String, _ value: JSONValue?) -> JSONValue {
        let others = (object.members ?? []).filter { !$0.name.elementsEqual(name.utf8) }
        return JSONValue(.object(others + (value.map { [JSONValue.Member(name: Array(name.utf8), value: $0)] } ?? [])))
    }
}
