import Backup
import Foundation
import JSON
import Linux
import TestSupport
import Testing

/// `drover backup list` and `drover backup prune`.
@Suite struct PruneTests {
    @Test func theListTellsWhatIsThere() throws {
        let fixture = try BackupFixture(increments: 2)
        try shell(
            "cd '\(fixture.folder)' && rm \(fixture.ids[1])/manifest.json && mkdir 20261127T235959Z.partial lost+found")
        let text = try fixture.drover(["backup", "list"])
        #expect(text.status == 0, "\(text)")
        let lines = text.output.split(separator: "\n")
        #expect(lines.count == 6 && lines[1].hasPrefix("\(fixture.ids[0])  full       "), "\(text)")
        #expect(
            lines[2].hasPrefix("\(fixture.ids[2])  increment  ") && lines[2].contains("crash-consistent  disk0 disk1"))
        #expect(
            lines[3].hasPrefix("\(fixture.ids[1]): \(fixture.ids[1]) is no backup: manifest.json cannot be read"),
            "\(text)")
        #expect(lines[4].contains("is an increment of \(fixture.ids[1]), which is broken"), "\(text)")
        #expect(lines[5] == "20261127T235959Z.partial: not complete, and no backup")
        let json = try JSONParser.parse(Array(fixture.drover(["backup", "list", "--json"]).output.utf8))
        let problems = try json.list("backups") { $0.has("problem") }
        #expect(problems == [false, true, true] && json["partial"]?.elements?.count == 1)
    }

    @Test func whatIsNotKeptGoes() throws {
        let fixture = try BackupFixture(increments: 3)
        try shell(
            "mkdir -p '\(fixture.folder)/20261127T235959Z.partial/deep' && touch '\(fixture.folder)/20261127T235959Z.partial/disk0.qcow2'"
        )
        let keep = ["BACKUP_KEEP": "last=1"]
        // All of one chain.
        let dry = try fixture.drover(["backup", "prune", "--dry-run"], keep)
        #expect(dry.status == 0 && dry.output == "would be removed: 20261127T235959Z.partial", "\(dry)")
        #expect(try fixture.files("backups").count == 7)
        // Another full one, so that nothing needs the first chain.
        try shell(
            """
            cd '\(fixture.folder)' && cp -a \(fixture.ids[0]) 20261128T000000Z && cd 20261128T000000Z
            sed -i 's/\(fixture.ids[0])/20261128T000000Z/; s/"createdAt" : ".*"/"createdAt" : "2026-11-28T00:00:00Z"/' manifest.json
            """)
        let pruned = try fixture.drover(["backup", "prune"], keep)
        let names = ["20261127T235959Z.partial"] + fixture.ids.reversed().map(\.text)
        #expect(
            pruned.status == 0 && pruned.output == names.map { "removed: \($0)" }.joined(separator: "\n"), "\(pruned)")
        #expect(try fixture.files("backups") == ["20261128T000000Z", "guest", "lock"])
        #expect(try fixture.drover(["backup", "verify"]).status == 0)
    }

    /// At any moment of it: what is left can be restored, and the next one does the rest.
    @Test func aPruneThatIsKilled() throws {
        for number in 0..<12 {
            let fixture = try BackupFixture(increments: 2)
            try shell(
                """
                cd '\(fixture.folder)' && cp -a \(fixture.ids[0]) 20261128T000000Z && cd 20261128T000000Z
                sed -i 's/\(fixture.ids[0])/20261128T000000Z/; s/"createdAt" : ".*"/"createdAt" : "2026-11-28T00:00:00Z"/' manifest.json
                """)
            let keep = ["BACKUP_KEEP": "last=1"]
            // Before each of the calls that change names.
            let tracer = ["/usr/bin/strace", "-f", "-o", "/dev/null", "-e"]
            let calls = ["rename", "unlink", "rmdir"][number / 4]
            let killed = try DroverRun(
                ["backup", "prune"], fixture.variables(keep),
                by: tracer + ["inject=\(calls):signal=KILL:when=\(number % 4 + 1)"])
            try killed.waitForExit(within: 60)
            let verified = try fixture.drover(["backup", "verify", "--all"])
            #expect(verified.status == 0, "\(calls) \(number % 4 + 1): \(verified)")
            #expect(try fixture.drover(["backup", "prune"], keep).status == 0)
            #expect(try fixture.files("backups") == ["20261128T000000Z", "guest", "lock"])
        }
    }

    /// Root has looked at the folder before its owner wrote there.
    @Test(.enabled(if: geteuid() == 0)) func aLockThatRootHasMade() throws {
        let folder = try TemporaryFolder()
        try shell(
            "cd '\(folder.path)' && cp '\(DroverRun.binary)' drover && mkdir b && touch b/1 && chmod 755 . drover")
        #expect(throws: ShellFailure.self) {
            try shell("BACKUP_DIR='\(folder.path)/b' '\(folder.path)/drover' backup verify 2>&1")
        }
        let kept = try shell(
            """
            cd '\(folder.path)' && stat -c '%u %a' b/lock && chown 65534 b && mkdir b/20261127T100000Z.partial
            chown 65534 b/20261127T100000Z.partial && BACKUP_DIR='\(folder.path)/b' setpriv --reuid 65534 --regid 65534 \
              --clear-groups ./drover backup prune && ls b
            """)
        #expect(kept == "0 644\nremoved: 20261127T100000Z.partial\n1\nlock\n")
    }

    @Test func neverWhileAnotherIsAtWork() throws {
        let fixture = try BackupFixture(increments: 0)
        let writer = try BackupWriter(try BackupFolder(fixture.folder), holder: "drover backup now")
        for words in [["backup", "prune"], ["backup", "verify"], ["restore", fixture.ids[0].text]] {
            let refused = try fixture.drover(words)
            #expect(
                refused.status == 75 && refused.output.contains("is in use by drover backup now"),
                "\(words): \(refused)")
        }
        #expect(try fixture.drover(["backup", "list"]).status == 0)
        withExtendedLifetime(writer) {}
    }
}
