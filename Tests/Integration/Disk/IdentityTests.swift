import Foundation
import Linux
import TestSupport
import Testing

/// Names that lead elsewhere for QEMU than for the check: by the working directory, or by now.
@Suite struct IdentityTests {
    /// Stops a run at once; nothing is in its guest.
    private func end(_ run: DroverRun) throws {
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func aDataFileIsBesideItsImageWhateverTheWorkingDirectoryHas() throws {
        let workspace = try Workspace()
        let secret = "\(workspace.path)/secret"
        // In the image's folder it is a decoy; from / it leads to the secret.
        let name = String(secret.dropFirst())
        try shell(
            """
            cd '\(workspace.path)' && truncate -s 64K secret && mkdir -p "images/$(dirname '\(name)')" && cd images
            qemu-img create -q -f qcow2 -o data_file='\(name)',data_file_raw=on base.qcow2 64K
            qemu-img create -q -f qcow2 -o data_file=ext.raw honest.qcow2 64K
            qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 over.qcow2
            """)
        let images = "\(workspace.path)/images"
        let runs: [(disk: String, files: [String])] = [
            ("over.qcow2", ["over.qcow2", "base.qcow2", name]), ("honest.qcow2", ["honest.qcow2", "ext.raw"]),
        ]
        for (disk, files) in runs {
            let run = try DroverRun(
                ["run"], workspace.variables(disk: "\(images)/\(disk)"),
                by: ["/bin/sh", "-c", "cd / && exec \"$@\"", "sh"])
            try run.wait(for: "the guest runs", within: 60)
            #expect(try openFiles(of: run.qemuPID()) == Set(files.map { "\(images)/\($0)" }))
            try end(run)
        }
    }

    /// As in a container whose image lies in `/`: in a root of its own.
    @Test func anImageInTheRootHasNoDirectoryOfItsOwn() throws {
        let workspace = try Workspace(isOpen: true)
        let root = "\(workspace.path)/root"
        let output = try shell(
            """
            mkdir '\(root)' && unshare --mount --propagation private sh -c '
              cd "$1" && cp "$2" drover && mkdir proc dev etc tmp usr && mount --rbind /proc proc && mount --rbind /dev dev
              mount --bind /usr usr && mount --bind /etc etc
              for link in bin lib lib64 sbin; do [ ! -L /$link ] || cp -a /$link .; done
              qemu-img create -q -f raw base.raw 64K
              (cd / && qemu-img create -q -f qcow2 -u -b etc/shadow -F raw "$1/ov.qcow2" 64K)
              qemu-img create -q -f qcow2 -u -b base.raw -F raw mine.qcow2 64K
              for allowed in none /base.raw; do for disk in ov mine; do
                chroot . /usr/bin/env -i PATH=/usr/bin QEMU_ACCEL=tcg ALLOW_BACKING=$allowed QEMU_RAM=64 \\
                  QEMU_DRIVE=/./$disk.qcow2 DROVER_RUNTIME_DIR=/tmp/run /drover check 2>&1 >tmp/out
                echo "$disk with $allowed: $?"
              done; done
            ' sh '\(root)' '\(DroverRun.binary)'
            """)
        let codes = output.split(separator: "\n").filter { $0.contains(" with ") }
        #expect(
            codes == ["ov with none: 78", "mine with none: 78", "ov with /base.raw: 78", "mine with /base.raw: 0"],
            "\(output)")
        #expect(output.contains(#"that may be anybody's, as the image lies in "/""#), "\(output)")
        #expect(output.contains("set ALLOW_BACKING=/base.raw"), "\(output)")
    }

    /// Between the check and QEMU qemu-img runs, in whose place somebody changes what names lead to.
    @Test func whatIsExchangedAfterTheCheckIsNotOpened() throws {
        let workspace = try Workspace()
        let folder = workspace.path
        try shell(
            "cd '\(folder)' && qemu-img create -q -f qcow2 good.qcow2 1M && cp good.qcow2 evil.qcow2 && ln -s good.qcow2 link.qcow2"
        )
        func start(_ deed: String) throws -> DroverRun {
            try shell("rm -f '\(folder)/new.qcow2'")
            let programs = try workspace.programs([
                "qemu-img": "cd '\(folder)' && \(deed); exec /usr/bin/qemu-img \"$@\""
            ])
            let more = ["CREATE_DISK": "1", "DISK_SIZE": "1M", "QEMU_DISKS": "\(folder)/link.qcow2"]
            let variables = workspace.variables(disk: "\(folder)/new.qcow2", more)
            return try DroverRun(["run"], variables, path: "\(programs):\(systemPath)")
        }
        // The link leads elsewhere by now: QEMU gets the file that it led to.
        let relinked = try start("ln -sfn evil.qcow2 link.qcow2")
        try relinked.wait(for: "the guest runs", within: 60)
        #expect(try openFiles(of: relinked.qemuPID()) == ["\(folder)/new.qcow2", "\(folder)/good.qcow2"])
        try end(relinked)
        // The file itself is another by now.
        try shell("ln -sfn good.qcow2 '\(folder)/link.qcow2'")
        let replaced = try start("cp evil.qcow2 new.evil && mv new.evil good.qcow2")
        #expect(try replaced.waitForExit(within: 60) == .exited(75))
        let fault = "QEMU_DISKS: \"\(folder)/good.qcow2\" is not the file that was checked"
        #expect(replaced.lines.contains { $0.contains(fault) } && !replaced.lines.contains { $0.contains("starting") })
        // It is gone by now.
        let removed = try start("rm good.qcow2")
        #expect(try removed.waitForExit(within: 60) == .exited(69))
    }

    /// In a race with somebody who exchanges a link all the time.
    @Test func aRaceIsNotWon() throws {
        let workspace = try Workspace()
        let images = "\(workspace.path)/images"
        try shell(
            """
            cd '\(workspace.path)' && qemu-img create -q -f qcow2 evil.qcow2 1M && mkdir images && cp evil.qcow2 images/good.qcow2
            cd images && qemu-img create -q -f qcow2 -u -b link.qcow2 -F qcow2 over.qcow2 1M
            ln -s good.qcow2 good && ln -s ../evil.qcow2 evil && cp -P good link.qcow2
            """)
        let swapper = try ChildProcess(
            "/usr/bin/perl",
            [
                "-e",
                """
                chdir $ARGV[0]; while (1) { for ("good.qcow2", "../evil.qcow2") { symlink $_, "new"; rename "new", "link.qcow2" } }
                """, images,
            ], descriptors: [nil, nil, nil])
        defer { try? swapper.signal(.kill) }
        var (started, refused) = (0, 0)
        for _ in 0..<40 where started < 5 || refused == 0 {
            let run = try DroverRun(["run"], workspace.variables(disk: "\(images)/over.qcow2"))
            do {
                try run.wait(for: "the guest runs", within: 60)
            } catch is TestFailure {
                #expect(try run.waitForExit(within: 60) == .exited(78), "\(run.lines)")
                refused += 1
                continue
            }
            started += 1
            #expect(try openFiles(of: run.qemuPID()) == ["\(images)/over.qcow2", "\(images)/good.qcow2"])
            try end(run)
        }
        #expect(started > 0 && refused > 0)
    }

    /// QEMU's words have a number where the owner has a name.
    @Test func aLockedDiskIsToldByItsName() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/disk, \"one\".qcow2"
        try shell("qemu-img create -q -f qcow2 \(shellQuoted(disk)) 1M")
        let first = try DroverRun(["run"], workspace.variables(disk: disk))
        try first.wait(for: "the guest runs", within: 60)
        let second = try DroverRun(
            ["run"], workspace.variables(disk: disk, ["DROVER_RUNTIME_DIR": "\(workspace.path)/second"]))
        #expect(try second.waitForExit(within: 60) == .exited(75))
        let shown = disk.replacingOccurrences(of: "\"", with: "\\\"")
        #expect(
            second.lines.contains { $0.contains("Is another process using the image [\(shown)]?") }, "\(second.lines)")
        #expect(!second.lines.contains { $0.contains("/proc/self/fd") })
        // And QEMU locks its disk for others too.
        let resize = try shellFailure { try shell("qemu-img resize \(shellQuoted(disk)) 2M 2>&1") }
        #expect(resize.output.contains("lock"))
        try end(first)
        try shell("qemu-img resize \(shellQuoted(disk)) 2M")
    }

    /// The container's list of devices lets nobody open this one.
    @Test func aDeviceThatIsNotListedIsNotPermitted() throws {
        let workspace = try Workspace()
        let assignments = workspace.variables(disk: "\(workspace.path)/device", ["QEMU_DRIVE_FORMAT": "raw"])
            .map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
        let output = try shell(
            """
            group=/sys/fs/cgroup/devices$(sed -n 's/^[0-9]*:devices://p' /proc/self/cgroup)/drover-$$
            mkdir "$group" 2>/dev/null && echo 'b 7:* rwm' >"$group/devices.deny" || { echo 'no devices cgroup'; exit 0; }
            mknod '\(workspace.path)/device' b 7 0
            (sh -c 'echo $PPID' >"$group/cgroup.procs"; exec env -i PATH=\(systemPath) \(assignments) '\(DroverRun.binary)' check 2>&1 >&-)
            echo "code $?"; rmdir "$group"
            """)
        guard !output.contains("no devices cgroup") else {
            return print("NOT tested: a device outside of the list: \(output)")
        }
        #expect(output.contains("code 77"), "\(output)")
        #expect(output.contains("; compose: devices: [\""), "\(output)")
    }
}
