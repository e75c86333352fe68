import Foundation
import Linux
import TestSupport
import Testing

/// `scripts/hurd-image --prepare`, on a stand-in for Debian's GNU/Hurd image.
@Suite struct HurdPrepareTests {
    private let workspace: Workspace
    private var folder: String { "\(workspace.path)/images" }

    init() throws {
        workspace = try Workspace()
    }

    private func prepare(_ disk: String, prefix: String = "") throws -> (code: Int, lines: [String]) {
        try runScript("\(prefix) '\(repository)/scripts/hurd-image' --prepare '\(disk)'")
    }

    private func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private func checksum(_ disk: String) throws -> String {
        try String(shell("sha256sum <'\(disk)'").prefix(64))
    }

    // MARK: What is on it

    /// But for what only a running Hurd can make, and the mark that asks for it.
    @Test func aPreparedDiskHasWhatInstallLeavesInARunningGuest() throws {
        let original = try workspace.hurd(named: "original.qcow2")
        let disk = try workspace.hurd()
        #expect(try prepare(disk).code == 0)
        let installed = try HurdTree(workspace, of: original)
        let prepared = try HurdTree(workspace, of: disk)
        let untouched = try installed.snapshot()
        try shell(
            "mkdir -p '\(installed.path)/mnt/drover' && cp -r '\(KitSandbox.files)' '\(installed.path)/mnt/drover/kit'")
        let output = try installed.run("sh /mnt/drover/kit/install")
        #expect(output.hasSuffix("drover-kit: installed\n"), "\(output)")
        try shell("rm -r '\(installed.path)/mnt'")
        #expect(
            try changed(installed.snapshot(), prepared.snapshot()) == [
                "boot/grub/grub.cfg", "dev/com1", "etc/default/grub", "run/drover-agent.pid", "var/lib/drover/prepared",
                "var/lib/drover/seed", "var/log/drover-agent.log",
            ])
        // So that this does not compare nothing with nothing: insserv moves what waits for ssh.
        let changes = changed(untouched, try prepared.snapshot())
        for path in ["etc/rc2.d/S01drover", "etc/rc5.d/S02ssh", "etc/rc3.d/S03watch-ssh", "etc/rc2.d/S04rc.local"] {
            #expect(changes.contains(path), "\(changes)")
        }
    }

    @Test func theFirstBootFinishesTheInstallationAndRemovalLeavesNothing() throws {
        let original = try HurdTree(workspace, of: workspace.hurd(named: "original.qcow2")).snapshot()
        let disk = try workspace.hurd()
        #expect(try prepare(disk).code == 0)
        let tree = try HurdTree(workspace, of: disk)
        try shell(
            """
            cd '\(tree.path)/dev' && mkdir -p cd0/drover && echo i-1 >cd0/drover/instance-id
            echo 'root:$6$a$root' >cd0/drover/shadow && mv MAKEDEV real && printf '#!/bin/sh\\nexit 1\\n' >MAKEDEV
            chmod 755 MAKEDEV
            """)
        // As after a power cut: what was not made is made at the next boot.
        let failed = try tree.boot()
        #expect(failed.contains("drover: /dev/com1 cannot be made, so the agent has no port\n"), "\(failed)")
        #expect(try tree.read("var/lib/drover/prepared").contains("the next boot makes /dev/com1"))

        try shell("cd '\(tree.path)/dev' && mv real MAKEDEV && rm ../var/lib/drover/instance-id")
        let first = try tree.boot(
            then: "tail -n +1 -F /var/log/drover-agent.log 2>/dev/null | grep -m 1 /dev/com1; ls /var/lib/drover")
        let words = [
            "Using makefile-style concurrent boot", "MAKEDEV: com1\n", "drover-apply: i-1 is in force\n",
            "ssh: start\n",
            "watch-ssh: start\n", "drover-agent: /dev/com1 is not a serial port",
        ]
        let places = words.compactMap { first.range(of: $0)?.lowerBound }
        #expect(places.count == words.count && places == places.sorted(), "\(first)")
        #expect(first.hasSuffix("authorized_keys\ninstance-id\nseed\n"), "\(first)")
        #expect(try tree.read("etc/shadow").hasPrefix("root:$6$a$root:"))

        // Also in the order of the links' names, which insserv's tables do without.
        let before = try tree.snapshot()
        try shell("touch '\(tree.path)/etc/init.d/.legacy-bootordering'")
        let second = try tree.boot()
        try shell("rm '\(tree.path)/etc/init.d/.legacy-bootordering'")
        let inOrder = second.range(of: "i-1 is in force already\n.*ssh: start\n", options: .regularExpression)
        #expect(inOrder != nil || second.contains("i-1 is in force already\nssh: start\n"), "\(second)")
        #expect(
            try changed(before, tree.snapshot()).filter { !$0.hasPrefix("var/log/") } == ["run/drover-agent.pid"])

        #expect(try tree.run("sh /usr/local/lib/drover/install --uninstall") == "drover-kit: removed\n")
        let left = try changed(original, tree.snapshot()).filter { !$0.hasPrefix("dev/cd0") && $0 != "var/log/dmesg" }
        #expect(left == ["boot/grub/grub.cfg", "dev/com1", "etc/default/grub", "etc/shadow", "run/mount"])
    }

    @Test func itShowsItsBootOnTheSerialConsole() throws {
        let disk = try workspace.hurd()
        #expect(try prepare(disk).code == 0)
        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["SHUTDOWN_TIMEOUT": "5"]))
        for text in ["GNU GRUB", "Booting `Debian GNU/Hurd'", "GNU Mach", "bootstrap_create: No bootstrap code"] {
            try run.wait(for: text, within: 120)
        }
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(124))
    }

    @Test func whatSomebodyHasSetUpStays() throws {
        let disk = try workspace.rawHurd()
        try shell(
            #"""
            cd '\#(folder)' && fs=\#(HurdTree.fileSystem(disk)) && mkdir t && cd t
            debugfs -R 'dump /boot/grub/grub.cfg grub.cfg' "$fs" && debugfs -R 'dump /etc/inittab inittab' "$fs"
            sed -i 's/wd0 -s/wd0 console=com1 -s/; s/^terminal_output console/terminal_output console serial/' grub.cfg
            sed -i 's/^c:23/#&/' inittab && printf 'GRUB_CMDLINE_GNUMACH="console=com0 noide"\nGRUB_TERMINAL=serial\n' >grub
            printf '%s\n' 'cd /boot/grub' 'rm grub.cfg' 'write grub.cfg grub.cfg' 'sif grub.cfg uid 7' 'cd /etc' 'rm inittab' \
              'write inittab inittab' 'sif inittab mode 0100600' 'cd default' 'rm grub' 'write grub grub' >c
            debugfs -w -f c "$fs" && rm -r ../t
            """# + " >&2")
        #expect(try prepare(disk).code == 0)
        let tree = try HurdTree(workspace, of: disk, format: "raw")
        let grub = try tree.read("boot/grub/grub.cfg")
        #expect(grub.contains("\tmultiboot\t/boot/gnumach-1.8-486.gz console=com0 root=part:2:device:wd0\n"), "\(grub)")
        #expect(
            grub.contains("\tmultiboot\t/boot/gnumach-1.8-486.gz console=com0 root=part:2:device:wd0 -s\n"), "\(grub)")
        #expect(!grub.contains("Drover"))
        #expect(
            try tree.read("etc/default/grub") == "GRUB_CMDLINE_GNUMACH=\"console=com0 noide\"\nGRUB_TERMINAL=serial\n")
        #expect(try tree.read("etc/inittab").hasSuffix("tty2\ncom0:2345:respawn:/sbin/getty 38400 console\n"))
        #expect(try shell("cd '\(tree.path)' && stat -c %u:%a boot/grub/grub.cfg etc/inittab") == "7:644\n0:600\n")
    }

    // MARK: What becomes of the disk

    @Test func aSecondRunChangesNothing() throws {
        for disk in [try workspace.hurd(), try workspace.rawHurd()] {
            let before = try checksum(disk)
            #expect(try prepare(disk).code == 0)
            let prepared = try checksum(disk)
            let again = try prepare(disk)
            #expect(again.code == 0 && again.lines.suffix(2) == ["hurd-image: the disk is prepared already", disk])
            #expect(try checksum(disk) == prepared && prepared != before)
        }
        #expect(try files() == ["disk.img", "disk.qcow2"])
    }

    /// By way of a link, which stays as well.
    @Test func aDiskKeepsItsSnapshotsItsOwnerAndItsMode() throws {
        let disk = try workspace.hurd()
        try shell(
            """
            cd '\(folder)' && qemu-img snapshot -c before disk.qcow2 && qemu-img bitmap --add disk.qcow2 backup
            chown 10001:7 disk.qcow2 && chmod 640 disk.qcow2 && ln -s images/disk.qcow2 ../link
            """)
        #expect(try prepare("\(workspace.path)/link").code == 0)
        #expect(
            try shell("stat -c %u:%g:%a '\(disk)' && readlink '\(workspace.path)/link'")
                == "10001:7:640\nimages/disk.qcow2\n")
        let information = try shell("qemu-img info -f qcow2 '\(disk)'")
        #expect(information.contains("before") && information.contains("backup"), "\(information)")
        #expect(try prepare(disk).lines.contains("hurd-image: the disk is prepared already"))
        try shell(
            "qemu-img bitmap --remove '\(disk)' backup && qemu-img snapshot -a before '\(disk)' && qemu-img compare -q '\(disk)' '\(Guest.hurdStandIn.disk)'"
        )
    }

    @Test func aDirtyOrJournalledFileSystemIsRepairedFirst() throws {
        let journal =
            "tune2fs -O has_journal part && debugfs -w -R 'feature needs_recovery' part"
        for change in ["debugfs -w -R 'ssv state 0' part", journal] {
            let disk = try workspace.rawHurd()
            try shell(
                """
                cd '\(folder)' && dd if=disk.img of=part bs=1M skip=9 conv=sparse 2>&1 && \(change) >&2
                dd if=part of=disk.img bs=1M seek=9 conv=notrunc 2>&1 && rm part
                """)
            let outcome = try prepare(disk)
            #expect(outcome.code == 0, "\(outcome)")
            try shell("e2fsck -fn \(HurdTree.fileSystem(disk)) >&2")
        }
    }

    /// QEMU's lock is ours from before the copy until the end.
    @Test func aDiskThatIsInUseIsRefusedAndNobodyUsesItMeanwhile() throws {
        let disk = try workspace.hurd()
        let before = try checksum(disk)
        let options = "-machine none -nodefaults -display none -S -qmp stdio"
        let qemu =
            "qemu-system-x86_64 \(options) -blockdev driver=qcow2,node-name=d,file.driver=file,file.filename='\(disk)'"
        let used = try runScript(
            """
            cd '\(workspace.path)' && { \(qemu) </dev/null >out & } && until grep -qs QMP out; do sleep 0.1; done
            '\(repository)/scripts/hurd-image' --prepare '\(disk)'; code=$?; kill $!; wait; (exit $code)
            """)
        #expect(used.code == 75, "\(used)")
        let message = "hurd-image: \"\(disk)\" is in use: stop its guest first"
        #expect(used.lines.contains { $0.hasPrefix(message) }, "\(used)")
        #expect(try checksum(disk) == before && files() == ["disk.qcow2"])

        let bin = try workspace.programs([
            "e2fsck": "timeout 20 \(qemu) </dev/null >>'\(workspace.path)/attempts' 2>&1; exec /usr/sbin/e2fsck \"$@\""
        ])
        #expect(try prepare(disk, prefix: "PATH='\(bin)':$PATH").code == 0)
        let attempts = try shell("cat '\(workspace.path)/attempts'")
        #expect(attempts.contains("Failed to get") && !attempts.contains("QMP"), "\(attempts)")
    }

    @Test func itNeedsNoRoot() throws {
        let workspace = try Workspace(isOpen: true)
        let disk = try workspace.rawHurd()
        try shell(
            """
            cd '\(workspace.path)' && chmod 755 . && mkdir -p top/Sources/Seed && cp -r '\(repository)/scripts' top
            cp -r '\(KitSandbox.files)' top/Sources/Seed && chown -R 65534:65534 images
            """)
        let outcome = try runScript(
            "cd / && setpriv --reuid 65534 --regid 65534 --clear-groups '\(workspace.path)/top/scripts/hurd-image' --prepare '\(disk)'"
        )
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try prepare(disk).lines.contains("hurd-image: the disk is prepared already"))
    }
}

/// Runs a command; its exit code, and the lines of both its outputs.
func runScript(_ command: String) throws -> (code: Int, lines: [String]) {
    let output = try shell("{ \(command)\n} 2>&1; echo \"code $?\"")
    var lines = output.split(separator: "\n").map(String.init)
    let code = lines.removeLast()
    return (Int(code.dropFirst(5)) ?? -1, lines)
}
