import Foundation
import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

/// `QEMU_SNAPSHOT`: the guest writes and reads what it has written, and nothing of it is left.
@Suite struct ThrowAwayTests {
    /// It has to read what it has written from the disk.
    static let writing = """
        #!/bin/sh
        dd if=/dev/urandom of=/state/noise bs=1M count=8 2>/dev/null
        sum=$(md5sum </state/noise); sync; echo 3 >/proc/sys/vm/drop_caches
        [ "$(md5sum </state/noise)" = "$sum" ] && echo "state: as written"
        """

    /// `images/disk.qcow2` of a guest that writes as it boots.
    private static func writingDisk(_ workspace: Workspace) throws -> String {
        try shell("mkdir '\(workspace.path)/images'")
        let disk = try workspace.disk(.micro, named: "images/disk.qcow2")
        try workspace.runAtBoot(writing, on: disk)
        return disk
    }

    static func sum(_ file: String) throws -> String { try shell("sha256sum <\(shellQuoted(file))") }

    @Test func whatAGuestWritesIsGoneAtTheEnd() throws {
        let workspace = try Workspace()
        let disk = try Self.writingDisk(workspace)
        let before = try Self.sum(disk)

        // Two at once, as neither writes the image.
        let runs = try ["one", "two"].map {
            try DroverRun(
                ["run"],
                workspace.variables(
                    disk: disk, ["QEMU_SNAPSHOT": "1", "DROVER_RUNTIME_DIR": "\(workspace.path)/\($0)"]))
        }
        for run in runs {
            try run.wait(for: "console: micro: boot 1", within: 400)
            try run.wait(for: "console: state: as written", within: 400)
            try run.wait(for: "console: micro: ready", within: 400)
            #expect(try shell("ls '\(workspace.path)/images'") == "disk.qcow2\n")
            let overlays = try openFiles(of: run.qemuPID()).subtracting([disk])
            #expect(overlays.count == 1 && overlays.allSatisfy { $0.hasSuffix(" (deleted)") }, "\(overlays)")
            #expect(overlays.allSatisfy { $0.hasPrefix("\(workspace.path)/images/") }, "\(overlays)")
            let warning =
                "drover: warning: QEMU_SNAPSHOT: what the guest writes to \"\(disk)\" is thrown away at the end"
            #expect(run.lines.contains { $0.hasPrefix(warning) }, "\(run.lines)")
        }
        // A third that would write it.
        let writer = try DroverRun(["run"], workspace.variables(disk: disk))
        #expect(try writer.waitForExit(within: 60) == .exited(75))
        for run in runs {
            try run.signal(.terminate)
            #expect(try run.waitForExit(within: 60) == .exited(0))
            let last =
                "drover: warning: QEMU_SNAPSHOT: what the guest has written to its disks in this run is thrown away"
            #expect(run.lines.contains(last), "\(run.lines)")
        }
        #expect(try shell("ls '\(workspace.path)/images'") == "disk.qcow2\n")
        #expect(try Self.sum(disk) == before)
    }

    /// On a mount that nobody can write, so that what the guest writes lies in memory.
    @Test func anImageThatNobodyCanWriteIsEnough() throws {
        let workspace = try Workspace()
        try shell("mkdir '\(workspace.path)/run'")
        let disk = try Self.writingDisk(workspace)
        let before = try Self.sum(disk)
        let mounts = """
            cd '\(workspace.path)' && mount --bind images images && mount -o remount,bind,ro images &&
            mount -t tmpfs -o size=64m,mode=0700 none run && exec "$@"
            """
        let run = try DroverRun(
            ["run"], workspace.variables(disk: disk, ["QEMU_SNAPSHOT": "1"]),
            by: ["/usr/bin/unshare", "--mount", "--propagation", "private", "sh", "-c", mounts, "sh"])
        try run.wait(for: "console: state: as written", within: 400)
        try run.wait(for: "console: micro: ready", within: 400)
        let memory = "drover: warning: QEMU_SNAPSHOT: \"\(workspace.path)/run\" is memory"
        #expect(run.lines.contains { $0.hasPrefix(memory) }, "\(run.lines)")
        #expect(run.lines.contains { $0.contains("MiB to \"\(disk)\", and \"\(workspace.path)/run\" has 64 MiB free") })
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(try Self.sum(disk) == before)
    }

    /// A whole chain, with a disk that is read-only anyway; and no command of an operator gets anything written below.
    @Test func nothingBelowTheOverlayIsWritten() throws {
        let workspace = try Workspace()
        let names = ["base.raw", "data.raw", "top.qcow2", "other.qcow2"]
        let files = names.map { "\(workspace.path)/\($0)" }
        try shell(
            """
            cd '\(workspace.path)' && qemu-img create -q -f raw base.raw 4M && qemu-img create -q -f qcow2 other.qcow2 4M
            qemu-img create -q -f qcow2 -o data_file=data.raw -b base.raw -F raw top.qcow2
            """)
        let before = try files.map(Self.sum)
        let more = [
            "QEMU_SNAPSHOT": "1", "QEMU_DISKS": "\(files[3])::ro", "QEMU_STORAGE": "virtio", "QMP_POLICY": "full",
        ]
        let run = try DroverRun(["run"], workspace.variables(disk: files[2], more))
        try run.wait(for: "the guest runs", within: 60)
        let open = try openFiles(of: run.qemuPID())
        #expect(open.isSuperset(of: files) && open.count == files.count + 1, "\(open)")
        let client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        func hmp(_ line: String) throws -> String {
            try client.expectSuccess(
                of: QMPCommand("human-monitor-command", ["command-line": .string(line)]), until: .within(30)
            ).result?.text ?? ""
        }
        #expect(try !hmp("qemu-io -d disk0 \"write -P 7 1M 64k\"").contains("failed"))
        #expect(try !hmp("qemu-io -d disk0 \"read -P 7 1M 64k\"").contains("failed"))
        // Into the disk: not by an operator either.
        #expect(try hmp("commit disk0") != "")
        let commit = QMPCommand("block-commit", ["job-id": "job", "device": "disk0"])
        let answer = try client.execute(commit, until: .within(30))
        #expect(answer.result == nil, "\(answer)")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        #expect(try files.map(Self.sum) == before)
    }

    /// However it ends.
    @Test func aKilledRunLeavesNothing() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.mach)
        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["QEMU_SNAPSHOT": "1"]))
        try run.wait(for: "the guest runs", within: 60)
        let names = try shell("ls -A '\(workspace.path)'")
        try run.signal(.kill)
        try run.waitForExit(within: 60)
        #expect(try shell("ls -A '\(workspace.path)'") == names)
        #expect(try shell("ls -A '\(workspace.path)'").split(separator: "\n") == ["disk.qcow2", "run"])
    }
}
