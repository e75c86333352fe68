import Backup
import Foundation
import JSON
import Linux
import TestSupport
import Testing

/// What `drover backup verify` finds, and `drover restore` refuses.
@Suite struct VerifyTests {
    @Test func whatIsRightIsSaidToBe() throws {
        let fixture = try BackupFixture()
        let newest = try fixture.drover(["backup", "verify"])
        #expect(
            newest.status == 0 && newest.output.contains("\(fixture.ids[3]) is as it was when it was made"), "\(newest)"
        )
        #expect(newest.output.components(separatedBy: "verifying ").count - 1 == 8)
        let all = try fixture.drover(["backup", "verify", "--all"])
        #expect(all.status == 0 && all.output.contains("all 4 are as they were when they were made"), "\(all)")
        let one = try fixture.drover(["backup", "verify", fixture.ids[0].text])
        #expect(one.status == 0 && one.output.components(separatedBy: "verifying ").count - 1 == 2, "\(one)")
        #expect(try fixture.drover(["backup", "verify", "--all", fixture.ids[0].text]).status == 64)
        #expect(try fixture.drover(["backup", "verify", "20200101T000000Z"]).status == 1)
    }

    /// The commands of docs/backup.md.
    @Test func digestsAreFoundByHandToo() throws {
        let fixture = try BackupFixture()
        let page = try shell("sed -n '/^## By hand/,/^## /p' '\(repository)/docs/backup.md'")
        let commands = page.split(separator: "\n").filter { $0.hasPrefix("grep") || $0.hasPrefix("for") }
        try #require(commands.count == 2)
        let lines = try shell("cd '\(fixture.folder)' && \(commands.joined(separator: "\n"))").split(separator: "\n")
        let written = lines.compactMap { $0.split(separator: "\"").dropFirst(3).first.map(String.init) }
        #expect(written.count == 8 && lines.suffix(8).map { String($0.prefix(64)) } == written, "\(lines)")
    }

    /// Those that hashed whole files.
    @Test func olderManifestsAreVerified() throws {
        let fixture = try BackupFixture()
        func verify() throws -> (status: Int32, output: String) { try fixture.drover(["backup", "verify", "--all"]) }
        try shell(
            #"""
            cd '\#(fixture.folder)'
            for manifest in */manifest.json; do
              for disk in disk0 disk1; do
                digest=$(sha256sum "${manifest%/*}/$disk.qcow2" | cut -c 1-64)
                sed -i '/"file" : "'$disk'/,/"sha256"/s/"sha256" : .*/"sha256" : "'$digest'",/' "$manifest"
              done
              sed -i 's/"version" : 2/"version" : 1/; /sha256PieceSize/d' "$manifest"
            done
            """#)
        let good = try verify()
        #expect(good.status == 0 && good.output.contains("all 4 are as they were"), "\(good)")
        let file = "\(fixture.folder)/\(fixture.ids[0])/disk0.qcow2"
        try shell("dd if=/dev/zero of='\(file)' bs=4k count=1 seek=100 conv=notrunc")
        let bad = try verify()
        #expect(bad.status == 1 && bad.output.contains("has changed since it was made"), "\(bad)")
    }

    struct Damage: Sendable, CustomTestStringConvertible {
        let name: String
        /// In the folder; `$N` is the id of the Nth backup.
        let command: String
        /// Of which backup `verify` says what: the file, and what is wrong with it.
        let backup: Int
        let file: String
        let reason: String
        /// The newest one that is whole.
        let healthy: Int?
        /// What `restore` says of it, when not the file.
        var refusal: String?

        var testDescription: String { name }
    }

    static let damages = [
        Damage(
            name: "4 KiB zeroed in the full one",
            command: "dd if=/dev/zero of=$0/disk0.qcow2 bs=4k count=1 seek=100 conv=notrunc",
            backup: 0, file: "disk0.qcow2", reason: "has changed since it was made: its SHA-256 is", healthy: nil),
        Damage(
            name: "a truncated increment", command: "truncate -s -64k $2/disk1.qcow2", backup: 2, file: "disk1.qcow2",
            reason: "it was cut off, or is another file", healthy: 1),
        Damage(
            name: "a file of another backup", command: "cp $1/disk0.qcow2 $2/disk0.qcow2", backup: 2,
            file: "disk0.qcow2",
            reason: "instead of", healthy: 1),
        Damage(
            name: "a file of another disk", command: "cp $2/disk1.qcow2 $2/disk0.qcow2", backup: 2, file: "disk0.qcow2",
            reason: "instead of", healthy: 1),
        Damage(
            name: "an increment that was rebased",
            command: "qemu-img rebase -u -F qcow2 -b ../$0/disk0.qcow2 $2/disk0.qcow2",
            backup: 2, file: "disk0.qcow2", reason: "lies over \"../$0/disk0.qcow2\" instead of \"../$1/disk0.qcow2\"",
            healthy: 1),
        Damage(
            name: "a manifest of another guest",
            command:
                "sed -i 's/\"guest\" : \".*\"/\"guest\" : \"\(String(repeating: "b", count: 32))\"/' $2/manifest.json",
            backup: 2, file: "manifest.json", reason: "is of another guest", healthy: 1,
            refusal: "is of another guest ("),
        Damage(
            name: "a file that is gone", command: "rm $1/disk0.qcow2", backup: 1, file: "disk0.qcow2",
            reason: "cannot be read: No such file or directory", healthy: 0),
        Damage(
            name: "a link in its place", command: "mv $1/disk0.qcow2 other && ln -s ../other $1/disk0.qcow2", backup: 1,
            file: "disk0.qcow2", reason: "cannot be read: Too many levels of symbolic links", healthy: 0),
        Damage(
            name: "a FIFO in its place", command: "rm $1/disk0.qcow2 && mkfifo $1/disk0.qcow2", backup: 1,
            file: "disk0.qcow2",
            reason: "cannot be read: Invalid argument", healthy: 0),
    ]

    @Test(arguments: damages) func damageIsNamed(_ damage: Damage) throws {
        let fixture = try BackupFixture()
        func filled(_ text: String) -> String {
            fixture.ids.enumerated().reduce(text) {
                $0.replacingOccurrences(of: "$\($1.offset)", with: $1.element.text)
            }
        }
        try shell("cd '\(fixture.folder)' && \(filled(damage.command)) 2>/dev/null")
        let before = try shell("cd '\(fixture.workspace.path)' && sha256sum one.qcow2 two.raw")
        let verified = try fixture.drover(["backup", "verify", "--all"])
        let file = "\(fixture.folder)/\(fixture.ids[damage.backup])/\(damage.file)"
        #expect(verified.status == 1, "\(verified)")
        let lines = verified.output.split(separator: "\n").filter { $0.contains(": \"") && !$0.hasPrefix("drover: ") }
        #expect(!lines.isEmpty && lines.allSatisfy { $0.contains("\"\(file)\" ") }, "\(verified)")
        #expect(lines.contains { $0.contains(filled(damage.reason)) }, "\(verified)")
        // Noted beside it, and beside what lies over it.
        let noted = try fixture.drover(["backup", "list", "--json"])
        let backups = try JSONParser.parse(Array(noted.output.utf8))["backups"]?.elements ?? []
        #expect(
            backups.map { $0["verify"]?["result"]?.text }
                == fixture.ids.indices.map { $0 < damage.backup ? "good" : "damaged" })

        // Whatever lies over it is refused as well.
        for id in fixture.ids[damage.backup...] {
            let refused = try fixture.drover(["restore", id.text])
            #expect(refused.status == 1 && refused.output.contains(filled(damage.refusal ?? file)), "\(refused)")
        }
        #expect(try shell("cd '\(fixture.workspace.path)' && sha256sum one.qcow2 two.raw") == before)
        if let healthy = damage.healthy {
            let restored = try fixture.drover(["restore", fixture.ids[healthy].text])
            #expect(restored.status == 0, "\(restored)")
            #expect(try fixture.holds("one.qcow2", healthy, "disk0") && fixture.holds("two.raw", healthy, "disk1"))
        }
    }
}
