import JSON
import Linux
import TestSupport
import Testing

/// The volume of `BACKUP_DIR` stops answering, which no deadline of a system call's ends: a file system in user space whose
/// process is stopped.
@Suite struct StalledVolumeTests {
    @Test func theGuestDoesNotNoticeAndTheBackupFails() throws {
        let machine = try BackedUpMachine(["BACKUP_RATE": "4M"])
        let (folder, behind) = ("\(machine.workspace.path)/backups", "\(machine.workspace.path)/behind")
        try shell("mkdir '\(behind)'")
        let run = try machine.start(by: [
            "/usr/bin/unshare", "--mount", "sh", "-c",
            """
            bindfs -f '\(behind)' '\(folder)' >/dev/null 2>&1 &
            until mountpoint -q '\(folder)'; do sleep 0.1; done
            exec "$@"
            """, "sh",
        ])
        let server = try #require(
            try children(of: run.pid).first {
                try String(decoding: readFile("/proc/\($0)/cmdline", limit: 4096), as: UTF8.self).contains("bindfs")
            })
        defer { try? send(.kill, to: server) }
        try machine.write(1, at: 0, 48 << 20)
        let service = try machine.servicePID()
        let command = try DroverRun(["backup", "now"], machine.variables)
        try machine.waitForCopy()
        try send(.stop, to: server)
        let stalled = Instant.now()
        var slowest = Duration.zero
        for place in 0..<40 {
            let began = Instant.now()
            try machine.write(9, at: place << 20, 64 << 10)
            slowest = max(slowest, .now() - began)
        }
        print("slowest write while the volume is stalled: \(slowest.brief)")
        #expect(slowest < .seconds(5))
        #expect(try command.waitForExit(within: 180) == .exited(1))
        print("the backup failed after \((Instant.now() - stalled).brief): \(command.lines.last ?? "")")
        try run.wait(for: "waited in vain for a volume to answer", within: 60)
        #expect(try machine.qmp("query-status").result?["status"]?.text == "running")
        // The next process takes out what is left in QEMU, though it cannot look into the folder.
        try run.wait(for: "a backup was cut short, and is undone", within: 60)
        #expect(try machine.servicePID() != service)

        try send(.continue, to: server)
        try machine.waitForService()
        try machine.backup()
        #expect(try machine.leftovers() == [])

        let again = try DroverRun(["backup", "now", "--full"], machine.variables)
        try machine.waitForCopy()
        try send(.stop, to: server)
        let began = Instant.now()
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        print("a stop while the volume is stalled: \((Instant.now() - began).brief)")
        try again.waitForExit(within: 60)
    }
}
