import Foundation
import Linux
import TestSupport
import Testing

/// Real guests that power themselves off.
@Suite struct PowerOffTests {
    private static let off = "the guest has powered itself off; boot it again: drover start"

    @Test func byDefaultTheRunEnds() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        try workspace.runAtBoot("#!/bin/sh\npoweroff -f\n", on: disk)
        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        #expect(try run.waitForExit(within: 240) == .exited(0))
        #expect(run.lines.last == "drover: QEMU has ended; all is well")
    }

    @Test func itIsBootedAgainAndAgainAndStopped() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        // Off by itself in the first two rounds; the third stays.
        try workspace.runAtBoot(
            """
            #!/bin/sh
            echo round >>/state/rounds; sync
            [ $(wc -l </state/rounds) -gt 2 ] || poweroff -f
            """, on: disk)
        let metrics = try Listener.freePort()
        try FileManager.default.createDirectory(
            atPath: "\(workspace.path)/backups", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        let variables = workspace.variables(
            disk: disk,
            [
                "AFTER_POWEROFF": "wait", "METRICS_LISTEN": "127.0.0.1:\(metrics)",
                "BACKUP_DIR": "\(workspace.path)/backups", "BACKUP_SCHEDULE": "* * * * *",
            ])
        let run = try DroverRun(["run"], variables)
        var seen = 0
        for round in 1...2 {
            try run.wait(for: "drover: AFTER_POWEROFF=wait", after: seen, within: 300)
            seen = run.lines.count
            try whileItIsOff(workspace, variables, metrics: metrics)
            if round == 1 {
                try run.wait(for: "backup: the backup failed: ", after: seen, within: 120)
                #expect(run.lines.contains { $0.contains("the backup failed: ") && $0.contains(Self.off) })
            }
            let (status, output) = try drover("start", workspace)
            #expect(status == 0 && output.hasPrefix("the guest is running, QEMU's pid is "), "\(output)")
            let again = try drover("start", workspace)
            #expect(again.status == 1 && again.output.hasSuffix("the guest runs already"), "\(again)")
            try run.wait(for: "micro: boot \(round + 1)", within: 300)
        }
        try run.wait(for: "micro: ready", within: 300)
        #expect(try drover("healthcheck --live", workspace).status == 0)
        #expect(try drover("status", workspace).output.contains("running"))
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
    }

    /// Everything that belongs to the run says what is so.
    private func whileItIsOff(_ workspace: Workspace, _ variables: [String: String], metrics: UInt16) throws {
        let live = try drover("healthcheck --live", workspace)
        #expect(live.status == 0 && live.output.contains(Self.off), "\(live)")
        let ready = try drover("healthcheck", workspace)
        #expect(ready.status == 1 && ready.output.contains("not ready: \(Self.off)"), "\(ready)")
        #expect(try drover("status", workspace).output.contains("off"))
        for command in ["monitor 'info status'", "screen", "guest ping", "type x", "screenshot -"] {
            let answer = try drover(command, workspace)
            #expect(answer.status != 0 && answer.output.contains(Self.off), "\(command): \(answer)")
        }
        // Nobody has the disk.
        let snapshots = try DroverRun(["snapshot", "list"], variables)
        #expect(try snapshots.waitForExit(within: 30) == .exited(0), "\(snapshots.lines)")
        let found = try shell(
            """
            for attempt in $(seq 100); do
              curl -sf http://127.0.0.1:\(metrics)/metrics >'\(workspace.path)/metrics' && break; sleep 0.2
            done
            grep -E '^(qemu_up|drover_ready|qemu_vm_state.*"shutdown"|drover_scrape_errors_total)' '\(workspace.path)/metrics'
            curl -s -o /dev/null -o /dev/null -w '%{http_code} ' http://127.0.0.1:\(metrics)/live http://127.0.0.1:\(metrics)/ready
            """)
        #expect(found.contains("qemu_up 0\n") && found.contains("drover_ready 0\n"), "\(found)")
        #expect(found.hasSuffix("200 503 "), "\(found)")
        let backup = try drover("backup now", workspace)
        #expect(backup.status != 0 && backup.output.contains(Self.off), "\(backup)")
    }

    @Test(arguments: ["SIGTERM", "drover stop"]) func aStopWhileItIsOffIsAtOnce(_ how: String) throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        try workspace.runAtBoot("#!/bin/sh\npoweroff -f\n", on: disk)
        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["AFTER_POWEROFF": "wait"]))
        try run.wait(for: "drover: AFTER_POWEROFF=wait", within: 240)
        if how == "SIGTERM" {
            try run.signal(.terminate)
        } else {
            let (status, output) = try drover("stop", workspace)
            #expect(status == 0 && output.contains("the guest had powered itself off before"), "\(output)")
        }
        #expect(try run.waitForExit(within: 30) == .exited(0))
        #expect(run.lines.last?.contains("the guest had powered itself off before") == true)
    }
}
