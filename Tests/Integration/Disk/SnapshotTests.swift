import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

/// `drover snapshot`, of a machine that runs and of one that does not.
@Suite struct SnapshotTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && qemu-img create -q -f qcow2 one.qcow2 16M && qemu-img create -q -f qcow2 two.qcow2 16M
            qemu-io -f qcow2 -c 'write -P 1 1M 64k' one.qcow2 && qemu-io -f qcow2 -c 'write -P 1 1M 64k' two.qcow2
            """)
    }

    private func variables(_ more: [String: String] = [:]) -> [String: String] {
        workspace.variables(
            disk: "\(workspace.path)/one.qcow2", ["QEMU_DISKS": "\(workspace.path)/two.qcow2"].merging(more) { $1 })
    }

    private func started(_ more: [String: String] = [:]) throws -> DroverRun {
        let run = try DroverRun(["run"], variables(more))
        try run.wait(for: "the guest runs", within: 60)
        return run
    }

    /// - Returns: the exit code, and what it printed to stdout and stderr.
    private func snapshot(
        _ words: String..., more: [String: String] = [:]
    ) throws -> (status: WaitStatus, output: String) {
        let command = try DroverRun(["snapshot"] + words, variables(more))
        let status = try command.waitForExit(within: 60)
        return (status, command.lines.joined(separator: "\n"))
    }

    private func end(_ run: DroverRun) throws {
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    private func holds(_ pattern: Int, _ disk: String) throws -> Bool {
        try !shell("qemu-io -r -f qcow2 -c 'read -P \(pattern) 1M 64k' '\(workspace.path)/\(disk).qcow2'").contains(
            "failed")
    }

    @Test func aGuestThatRunsGoesBackWithItsMemoryAndBothDisks() throws {
        let run = try started()
        let client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        let created = try snapshot("create", "first")
        #expect(
            created.status == .exited(0) && created.output.contains("snapshot first has been taken in"), "\(created)")
        #expect(created.output.contains("the guest is stopped while what it uses of its"))
        let again = try snapshot("create", "first")
        #expect(again.status == .exited(1) && again.output.contains("there is a snapshot first"), "\(again)")
        let list = try snapshot("list")
        #expect(list.output.contains("first") && list.output.contains("disk0 disk1"), "\(list)")

        // Nothing is lost without a word.
        let unsaid = try snapshot("revert", "first")
        #expect(unsaid.status == .exited(64) && unsaid.output.contains("--yes"), "\(unsaid)")
        let reverted = try snapshot("revert", "first", "--yes")
        #expect(
            reverted.status == .exited(0) && reverted.output.contains("the guest goes on as it was at"), "\(reverted)")
        #expect(try client.execute(.queryStatus, until: .within(30)).result?["status"]?.text == "running")

        #expect(try snapshot("delete", "first").status == .exited(64))
        let deleted = try snapshot("delete", "first", "--yes")
        #expect(deleted.status == .exited(0), "\(deleted)")
        #expect(try snapshot("list").output == "no snapshots")
        let missing = try snapshot("revert", "first", "--yes")
        #expect(missing.status == .exited(1) && missing.output.contains("there is no snapshot first"), "\(missing)")
        try end(run)
    }

    @Test func theDisksOfAStoppedMachineGoBackTogether() throws {
        #expect(try snapshot("create", "first").status == .exited(0))
        try shell(
            """
            cd '\(workspace.path)'
            qemu-io -f qcow2 -c 'write -P 2 1M 64k' one.qcow2 && qemu-io -f qcow2 -c 'write -P 2 1M 64k' two.qcow2
            """)
        let list = try snapshot("list")
        #expect(list.output.contains("none") && list.output.contains("\(workspace.path)/two.qcow2"), "\(list)")
        #expect(try snapshot("revert", "first").status == .exited(64))
        #expect(try holds(2, "one"))
        let reverted = try snapshot("revert", "first", "--yes")
        #expect(reverted.status == .exited(0), "\(reverted)")
        #expect(try holds(1, "one") && holds(1, "two"))
        #expect(try snapshot("delete", "first", "--yes").status == .exited(0))
        #expect(try snapshot("list").output == "no snapshots")

        // All or none: the second disk cannot have it.
        try shell("cd '\(workspace.path)' && qemu-img convert -O raw two.qcow2 two.raw")
        let raw = try snapshot("create", "half", more: ["QEMU_DISKS": "\(workspace.path)/two.raw:raw"])
        #expect(raw.status == .exited(1) && raw.output.contains("two.raw is raw, which has no snapshots"), "\(raw)")
        #expect(try snapshot("list").output == "no snapshots")
    }

    /// qemu-img is asked of the disk alone, not of what it lies over.
    @Test func aStoppedDiskOverABase() throws {
        try shell("cd '\(workspace.path)' && qemu-img create -q -f qcow2 -b two.qcow2 -F qcow2 over.qcow2")
        let disks = ["QEMU_DRIVE": "\(workspace.path)/over.qcow2", "QEMU_DISKS": ""]
        let created = try snapshot("create", "first", more: disks)
        #expect(created.status == .exited(0), "\(created)")
        #expect(try snapshot("revert", "first", "--yes", more: disks).status == .exited(0))
        #expect(try snapshot("list", more: disks).output.contains("first"))
    }

    /// Another container's run, as far as this process can tell: there is no socket.
    @Test func disksInUseAreLeftAlone() throws {
        let run = try started()
        let outside = try snapshot("create", "first", more: ["DROVER_RUNTIME_DIR": "\(workspace.path)/elsewhere"])
        #expect(outside.status == .exited(1) && outside.output.contains("the disk is in use"), "\(outside)")
        try end(run)
    }

    // MARK: A revert that fails, whoever asks for it

    private func load(_ client: QMPClient, _ tag: String, _ devices: [String] = ["disk0", "disk1"])
        throws(ClientFailure)
    {
        let arguments: JSONValue = [
            "job-id": "job", "tag": .string(tag), "vmstate": "disk0", "devices": .strings(devices),
        ]
        try client.runJob(QMPCommand("snapshot-load", arguments), id: "job", until: .within(60))
    }

    @Test(arguments: ["job", "line"])
    func aGuestWhoseSnapshotIsNotThereGoesOn(_ way: String) throws {
        let run = try started()
        let client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        var resumed = false
        client.onEvent = { if $0.kind == .event(name: "RESUME") { resumed = true } }
        if way == "job" {
            #expect(throws: ClientFailure.self) { try load(client, "missing") }
        } else {
            try client.expectSuccess(
                of: QMPCommand("human-monitor-command", ["command-line": "loadvm missing"]),
                until: .within(30))
        }
        try run.wait(for: "the revert failed: \"", within: 30)
        try run.wait(for: "the guest goes on as it was", within: 30)
        while !resumed, let message = try client.next(until: .within(30)) {
            if message.kind == .event(name: "RESUME") { resumed = true }
        }
        #expect(resumed)
        #expect(try client.execute(.queryStatus, until: .within(30)).result?["status"]?.text == "running")
        try end(run)
    }

    /// The first disk is the snapshot's already when the second cannot be reverted: such a guest must not write.
    @Test func aGuestThatIsTornStandsStill() throws {
        let run = try started()
        #expect(try snapshot("create", "first").status == .exited(0))
        let client = try QMPClient.connect(to: "\(workspace.path)/run/qmp.sock", until: .within(30))
        let bitmap: JSONValue = ["node": "disk1", "name": "mine"]
        try client.expectSuccess(of: QMPCommand("block-dirty-bitmap-add", bitmap), until: .within(30))
        let refused = try snapshot("revert", "first", "--yes")
        #expect(refused.status == .exited(1) && refused.output.contains("disk1 has dirty bitmaps (mine)"), "\(refused)")
        #expect(try client.execute(.queryStatus, until: .within(30)).result?["status"]?.text == "running")
        #expect(throws: ClientFailure.self) { try load(client, "first") }
        try run.wait(for: "the guest stands still, for its disks may be the snapshot's already", within: 30)
        #expect(try client.execute(.queryStatus, until: .within(30)).result?["status"]?.text == "restore-vm")
        // Not even to be shut down.
        try run.signal(.terminate)
        try run.wait(for: "the guest is not resumed after the revert that failed", within: 30)
        #expect(try run.waitForExit(within: 60) == .exited(124))
    }
}
