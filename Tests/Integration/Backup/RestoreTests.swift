import Backup
import Foundation
import Linux
import TestSupport
import Testing

/// `drover restore` of chains that qemu-img has made.
@Suite struct RestoreTests {
    /// In a folder that has been moved, too.
    @Test func everyPointOfAChainIsBack() throws {
        let fixture = try BackupFixture()
        try shell("cd '\(fixture.workspace.path)' && mkdir far && mv backups far/away")
        for (number, id) in fixture.ids.enumerated() {
            for disk in 0...1 {
                let file = "\(fixture.workspace.path)/restored-\(number)-\(disk)"
                let restored = try fixture.drover(
                    [
                        "restore", id.text, "--disk", "\(disk)", "--to", file, "--from",
                        "\(fixture.workspace.path)/far/away",
                    ])
                #expect(restored.status == 0, "\(restored)")
                #expect(
                    restored.output.contains(
                        "disk\(disk): \"\(file)\" is as it was at \(id.timeText) (crash-consistent)"))
                #expect(try fixture.holds(file, number, "disk\(disk)"))
                #expect(try shell("qemu-img info '\(file)'").contains("file format: \(disk == 0 ? "qcow2" : "raw")"))
            }
        }
    }

    @Test func theMachinesDisksAreReplacedAndKept() throws {
        let fixture = try BackupFixture()
        let path = fixture.workspace.path
        try shell(
            "cd '\(path)' && chmod 640 one.qcow2 && ln -s one.qcow2 link.qcow2 && qemu-img bitmap --add one.qcow2 more")
        let restored = try fixture.drover(["restore", fixture.ids[1].text], ["QEMU_DRIVE": "\(path)/link.qcow2"])
        #expect(restored.status == 0, "\(restored)")
        #expect(try fixture.holds("one.qcow2", 1, "disk0") && fixture.holds("two.raw", 1, "disk1"))
        let kept = try fixture.files().filter { $0.contains(".before-restore-") }
        #expect(kept.map { $0.prefix { $0 != "-" } } == ["one.qcow2.before", "two.raw.before"], "\(kept)")
        #expect(try fixture.holds(kept[0], 3, "disk0") && fixture.holds(kept[1], 3, "disk1"))
        // No bitmap: the next backup is a full one. The link, the format and the mode are as they were.
        #expect(try !shell("qemu-img info '\(path)/one.qcow2'").contains("bitmaps"))
        #expect(try shell("cd '\(path)' && readlink link.qcow2 && stat -c %a one.qcow2") == "one.qcow2\n640\n")
        #expect(try fixture.files().filter { $0.hasSuffix(".drover-new") }.isEmpty)

        // Once more, within the same second perhaps.
        #expect(try fixture.drover(["restore", fixture.ids[3].text, "--disk", "0"]).status == 0)
        #expect(try fixture.holds("one.qcow2", 3, "disk0") && fixture.holds("two.raw", 1, "disk1"))
        #expect(try fixture.files().filter { $0.contains(".before-restore-") }.count == 3)
    }

    /// An empty host: the backups are all that there is.
    @Test func disksThatAreGoneAreMadeAnew() throws {
        let fixture = try BackupFixture(increments: 1)
        try shell("cd '\(fixture.workspace.path)' && rm one.qcow2 two.raw && echo half >one.qcow2.drover-new")
        let restored = try fixture.drover(["restore", fixture.ids[1].text])
        #expect(restored.status == 0 && !restored.output.contains("the one before"), "\(restored)")
        #expect(try fixture.holds("one.qcow2", 1, "disk0") && fixture.holds("two.raw", 1, "disk1"))
        #expect(try fixture.files() == ["backups", "expected", "one.qcow2", "two.raw"])
    }

    /// At any moment of it: there is a disk under each name, the old one or the new, and a repetition brings both to the point.
    @Test func aRestoreThatIsKilled() throws {
        for (call, times) in [("rename", 2), ("link", 4), ("unlink", 4), ("fsync", 4)] {
            for number in 1...times {
                let fixture = try BackupFixture(increments: 1)
                let killed = try DroverRun(
                    ["restore", fixture.ids[0].text], fixture.variables(),
                    by: ["/usr/bin/strace", "-o", "/dev/null", "-e", "inject=\(call):signal=KILL:when=\(number)"])
                try killed.waitForExit(within: 60)
                for (file, disk) in [("one.qcow2", "disk0"), ("two.raw", "disk1")] {
                    #expect(
                        try fixture.holds(file, 0, disk) || fixture.holds(file, 1, disk), "\(call) \(number): \(file)")
                }
                #expect(try fixture.drover(["restore", fixture.ids[0].text]).status == 0, "\(call) \(number)")
                #expect(try fixture.holds("one.qcow2", 0, "disk0") && fixture.holds("two.raw", 0, "disk1"))
                #expect(try fixture.files().filter { $0.hasSuffix(".drover-new") }.isEmpty)
            }
        }
    }

    @Test func aDiskInUseIsLeftAlone() throws {
        let fixture = try BackupFixture(increments: 1)
        let run = try DroverRun(["run"], fixture.variables())
        try run.wait(for: "the guest runs", within: 60)
        let refused = try fixture.drover(["restore", fixture.ids[0].text])
        #expect(refused.status == 1 && refused.output.contains("is in use: a guest that runs has it"), "\(refused)")
        // Of a guest that runs, a look at what it was.
        let file = "\(fixture.workspace.path)/look"
        #expect(try fixture.drover(["restore", fixture.ids[0].text, "--disk", "0", "--to", file]).status == 0)
        #expect(try fixture.holds(file, 0, "disk0"))
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        #expect(try fixture.files() == ["backups", "expected", "look", "one.qcow2", "run", "two.raw"])
    }

    /// Our lock is QEMU's, so that no run begins while a disk is restored.
    @Test func noQEMUOpensWhatIsBeingRestored() throws {
        let fixture = try BackupFixture(increments: 0)
        let disk = "\(fixture.workspace.path)/two.raw"
        let lock = try Descriptor.open(disk)
        try lock.lockAsImage()
        let failure = try shellFailure { try shell("qemu-io -f raw -c 'write 0 64k' '\(disk)' 2>&1") }
        #expect(failure.output.contains("lock"), "\(failure)")
        #expect(throws: Errno.wouldBlock) { try Descriptor.open(disk).lockAsImage() }
        withExtendedLifetime(lock) {}
    }

    @Test func whatCannotBeDoneIsSaidBeforeAnythingIs() throws {
        let fixture = try BackupFixture(increments: 1)
        let path = fixture.workspace.path
        let before = try shell("cd '\(path)' && sha256sum one.qcow2 two.raw")
        let id = fixture.ids[1].text
        let cases: [([String], [String: String], Int32, String)] = [
            (["--to", "\(path)/new"], [:], 64, "\(id) has disk0, disk1, and one file takes one of them"),
            (
                ["--disk", "0", "--to", "\(path)/two.raw"], [:], 1,
                "is there already, and nothing is overwritten; name a new file"
            ),
            (["--disk", "2"], [:], 64, "\(id) has no disk 2; it has disk0, disk1"),
            (["--disk", "x"], [:], 64, "--disk: \"x\" is no number of a disk; write 0 for the first"),
            ([], ["QEMU_DISKS": ""], 64, "the machine has no disk1; add it to QEMU_DISKS, or restore another alone"),
            (
                [], ["QEMU_BASE": "/b"], 64,
                "QEMU_BASE: a restored disk holds all of it, and would not lie over the base"
            ),
            ([], ["QEMU_DRIVE": "/dev/null"], 1, "\"/dev/null\" is no regular file, and is not written over"),
            ([], ["BACKUP_DIR": ""], 69, "BACKUP_DIR is not set; it names the folder of the backups"),
            (["--from", "\(path)/expected"], [:], 1, "there is no backup \(id)"),
            (["--from", "\(path)/none"], [:], 69, "cannot be opened: No such file or directory"),
            (["--disk", "0", "--to", "\(path)/none/new"], [:], 69, "cannot be made: No such file or directory"),
        ]
        for (options, more, status, message) in cases {
            let refused = try fixture.drover(["restore", id] + options, more)
            #expect(refused.status == status && refused.output.contains(message), "\(options): \(refused)")
        }
        #expect(try fixture.drover(["restore", "yesterday"]).status == 64)
        #expect(try shell("cd '\(path)' && sha256sum one.qcow2 two.raw") == before)
        #expect(try fixture.files() == ["backups", "expected", "one.qcow2", "two.raw"])
    }

    @Test(.enabled(if: geteuid() == 0)) func aFullVolumeAndAFileThatIsMounted() throws {
        let fixture = try BackupFixture(increments: 1)
        let path = fixture.workspace.path
        try shell("mkdir '\(path)/small' '\(path)/file' && mount -t tmpfs -o size=2m none '\(path)/small'")
        defer { _ = try? shell("umount '\(path)/small'") }
        let full = try fixture.drover(["restore", fixture.ids[1].text, "--disk", "0", "--to", "\(path)/small/disk"])
        #expect(full.status == 1 && full.output.contains("its volume has 2 MiB free, and 4 MiB are needed"), "\(full)")
        #expect(try fixture.files("small").isEmpty)

        // As docker's -v disk.qcow2:/disk.qcow2 has it.
        try shell("cd '\(path)' && touch file/disk && mount --bind one.qcow2 file/disk")
        defer { _ = try? shell("umount '\(path)/file/disk'") }
        let mounted = try fixture.drover(
            ["restore", fixture.ids[1].text, "--disk", "0"], ["QEMU_DRIVE": "\(path)/file/disk"])
        #expect(mounted.status == 1 && mounted.output.contains("is mounted by itself"), "\(mounted)")
        #expect(try fixture.files("file") == ["disk"])
    }
}
