import JSON
import Linux
import TestSupport
import Testing

/// The volume of `BACKUP_DIR` stops answering, which no deadline of a system call's ends: a file system in user space whose
/// process is stopped.
@Suite struct StalledVolumeTests {
    @Test func theGuestDoesNotNoticeAndTheBackupFails() throws {
        let machine = try BackedUpMachine()
        let run = try machine.start(by: try Self.volume(under: machine.workspace))
        let volume = try child(of: run.pid, "bindfs")
        // Whoever waits for it goes on then, and ends.
        defer { try? send(.kill, to: volume) }
        try machine.write(1, at: 0, 24 << 20)
        let service = try machine.servicePID()

        let command = try DroverRun(["backup", "now"], machine.variables)
        try machine.waitForCopy()
        let writer = try child(of: service, "qemu-nbd")
        try Self.stall(volume)
        let stalled = Instant.now()
        let slowest = try machine.slowestWrite()
        print("slowest write while the volume is stalled: \(slowest.brief)")
        #expect(slowest < .seconds(5))
        #expect(try command.waitForExit(within: 180) == .exited(1))
        print("the backup failed after \((Instant.now() - stalled).brief): \(command.lines.last ?? "")")
        #expect(command.lines.last?.contains("does not answer") == true)
        // Taken out of QEMU all the same, by the process itself or the next one, though none can look into the folder.
        let deadline = Instant.within(120)
        while try !machine.nodesAndJobs().isEmpty, Instant.now() < deadline { try machine.pass(milliseconds: 100) }
        #expect(try machine.nodesAndJobs() == [])
        #expect(try machine.qmp("query-status").result?["status"]?.text == "running")
        #expect(!isGone(writer), "this volume has let qemu-nbd end")

        try send(.continue, to: volume)
        try machine.waitForService()
        try machine.backup()
        #expect(try machine.leftovers() == [])

        try machine.stop()
    }

    /// The guest shuts itself down, and QEMU ends by itself, though what it writes the backup to does not.
    @Test func aStopDoesNotWaitForIt() throws {
        let guest = try TestedGuest()
        let run = try guest.start(by: try Self.volume(under: guest.workspace))
        let volume = try child(of: run.pid, "bindfs")
        defer { try? send(.kill, to: volume) }
        let command = try DroverRun(["backup", "now"], guest.variables)
        let deadline = Instant.within(60)
        while try shell("find '\(guest.workspace.path)/behind' -name disk0.qcow2 -size +1M").isEmpty {
            guard Instant.now() < deadline else { throw TestFailure("nothing is copied: \(command.lines)") }
        }
        try Self.stall(volume)
        let began = Instant.now()
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
        print("the stop took \((Instant.now() - began).brief): \(run.lines.last ?? "")")
        #expect(
            run.lines.contains { $0.contains("stopped cleanly by rung 1") || $0.contains("stopped cleanly by rung 2") },
            "\(run.lines.suffix(12))")
        try command.waitForExit(within: 60)
    }

    /// Nor can the child be ended that makes backups, as the volume has taken up a request of its own.
    @Test func aChildThatNoSignalEndsIsToldOf() throws {
        let machine = try BackedUpMachine()
        let run = try machine.start(
            by: try Self.volume("--read-rate=1M -o direct_io", under: machine.workspace))
        let volume = try child(of: run.pid, "bindfs")
        defer { try? send(.kill, to: volume) }
        try machine.write(1, at: 0, 24 << 20)
        let service = try machine.servicePID()
        let command = try DroverRun(["backup", "now"], machine.variables)
        let deadline = Instant.within(60)
        while try machine.qmp("drover-backup-status").result?["backup"]?["step"] != "writing", Instant.now() < deadline
        {
            try machine.pass(milliseconds: 20)
        }
        try Self.stall(volume)
        #expect(try command.waitForExit(within: 180) == .exited(1))
        #expect(command.lines.last?.contains("does not answer") == true, "\(command.lines)")
        #expect(!isGone(service), "this volume has let the child end")
        try run.wait(for: "waits in vain for the volume of BACKUP_DIR", within: 30)
        let next = try machine.drover("backup", "now")
        #expect(next.status == .exited(1) && next.output.contains("waits in vain"), "\(next)")

        try send(.continue, to: volume)
        try run.wait(for: "and has ended itself", within: 60)
        try machine.waitForService()
        try machine.backup()
        try machine.stop()
    }

    /// What starts a command with such a volume at `backups`.
    ///
    /// - Parameter options: of bindfs; each request takes it a while, in which a thread of it sleeps.
    private static func volume(_ options: String = "--write-rate=4M", under workspace: Workspace) throws -> [String] {
        let (folder, behind) = ("\(workspace.path)/backups", "\(workspace.path)/behind")
        try shell("mkdir '\(behind)'")
        return [
            "/usr/bin/unshare", "--mount", "sh", "-c",
            """
            bindfs -f \(options) '\(behind)' '\(folder)' >/dev/null 2>&1 &
            until mountpoint -q '\(folder)'; do sleep 0.1; done
            exec "$@"
            """, "sh",
        ]
    }

    /// Stops it while it sleeps over a request (clock_nanosleep): no signal ends a process that waits for such a one.
    private static func stall(_ volume: Int32) throws {
        let deadline = Instant.within(60)
        while Instant.now() < deadline {
            try send(.stop, to: volume)
            guard try shell("grep -l '^230 ' /proc/\(volume)/task/*/syscall || true").isEmpty else { return }
            try send(.continue, to: volume)
        }
        throw TestFailure("the volume is asked for nothing")
    }

    /// Reaped, so that nothing of it is in a system call any more.
    private func isGone(_ pid: Int32) -> Bool { (try? readFile("/proc/\(pid)/stat", limit: 4096)) == nil }
}
