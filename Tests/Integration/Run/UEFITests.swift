import Foundation
import Linux
import TestSupport
import Testing

/// `QEMU_FIRMWARE=uefi`: a Linux that nothing but UEFI boots, and a variable that it sets.
@Suite struct UEFITests {
    /// Sets the variable to what the console says, or only shows it.
    private static let script = """
        #!/bin/sh
        # Of the kinds that Linux lets anybody replace (LINUX_EFI_CRASH_GUID).
        variable=/sys/firmware/efi/efivars/Drover-cfc8fc79-be2e-4ddc-97f0-9f98bfe298a0
        modprobe efivarfs && mount -t efivarfs efivarfs /sys/firmware/efi/efivars
        show() { echo "variable: $1 $(tail -c +5 $variable 2>/dev/null || echo none)"; }
        echo "board: $(cat /sys/class/dmi/id/product_name)"
        show found
        while read -r word && [ "$word" != end ]; do
          # The bytes ahead of the value: it is kept, and systems may read it.
          [ "$word" = show ] || printf '\\007\\000\\000\\000%s' "$word" >$variable
          show now
        done
        """

    private let workspace: Workspace
    private let disk: String

    init() throws {
        workspace = try Workspace()
        disk = try workspace.disk(.micro)
        try workspace.makeUEFI(disk)
        try workspace.runAtBoot(Self.script, on: disk)
    }

    private func start(finding value: String, _ more: [String: String] = [:]) throws -> DroverRun {
        let run = try DroverRun(
            ["run"], workspace.variables(disk: disk, ["QEMU_FIRMWARE": "uefi"].merging(more) { $1 }))
        try run.wait(for: "console: variable: found \(value)", within: 400)
        return run
    }

    private func type(_ word: String, _ run: DroverRun, andSee value: String) throws {
        try shell("echo \(word) | socat -u - \(socatAddress("\(workspace.path)/run/console.sock"))")
        try run.wait(for: "console: \(value)", within: 60)
    }

    private func end(_ run: DroverRun) throws {
        try type("end", run, andSee: "micro: ready")
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0), "\(run.lines.suffix(5))")
    }

    @Test func whatTheGuestSetsIsKept() throws {
        let file = "\(disk).uefi-vars"
        #expect(!FileManager.default.fileExists(atPath: file))
        let first = try start(finding: "none")
        #expect(first.lines.contains { $0.contains("board: Standard PC (Q35") }, "\(first.lines)")
        #expect(first.lines.contains { $0.contains("made \"\(file)\" for the guest's UEFI variables") })
        #expect(try shell("stat -c %a '\(file)'") == "600\n")
        try type("one", first, andSee: "variable: now one")
        try end(first)

        // What is thrown away begins with what there is.
        let before = try shell("sha256sum '\(file)'")
        let second = try start(finding: "one", ["QEMU_SNAPSHOT": "on"])
        try type("two", second, andSee: "variable: now two")
        try end(second)
        #expect(try shell("sha256sum '\(file)'") == before)

        let third = try start(finding: "one")
        #expect(!third.lines.contains { $0.contains("made \"") })
        try end(third)
    }

    /// The guest's memory has them too.
    @Test func aSnapshotHasThem() throws {
        let run = try start(finding: "none")
        try type("one", run, andSee: "variable: now one")
        let created = try drover("snapshot create first", workspace, within: 300)
        #expect(created.status == 0, "\(created)")
        #expect(try drover("snapshot list", workspace).output.hasSuffix("disk0"))
        try type("two", run, andSee: "variable: now two")
        let reverted = try drover("snapshot revert first --yes", workspace, within: 300)
        #expect(reverted.status == 0, "\(reverted)")
        try type("show", run, andSee: "variable: now one")
        // QEMU's own command takes a snapshot of all that is written.
        let saved = try drover("monitor savevm second", workspace, within: 300)
        #expect(saved.status == 0 && !saved.output.contains("rror"), "\(saved)")
        try end(run)
        // What was in memory has been written out.
        try end(start(finding: "one"))
    }

    @Test func aDiskThatItDoesNotBootIsTold() throws {
        try shell("qemu-img create -q -f qcow2 '\(workspace.path)/empty.qcow2' 64M")
        let run = try DroverRun(
            ["run"], workspace.variables(disk: "\(workspace.path)/empty.qcow2", ["QEMU_FIRMWARE": "uefi"]))
        try run.wait(for: #"the guest says "UEFI Interactive Shell": UEFI finds no system"#, within: 400)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    /// The second guest has UEFI too, and variables of its own.
    @Test func aBackupIsTestedWithIt() throws {
        let guest = try TestedGuest(["QEMU_FIRMWARE": "uefi"])
        let disk = try #require(guest.variables["QEMU_DRIVE"])
        try guest.workspace.makeUEFI(disk)
        try guest.start(waitingFor: "console: micro: ready")
        let id = try guest.backup()
        let passed = try guest.drover("backup", "test")
        #expect(passed.status == .exited(0) && passed.output.contains("\(id) has passed its test"), "\(passed)")
        #expect(try shell("cd '\(guest.backups)/\(id)' && ls") == "disk0.qcow2\nmanifest.json\ntest.json\n")
        try guest.stop()
        // On an empty host there are no variables.
        try shell("rm '\(disk)' '\(disk).uefi-vars'")
        let restored = try guest.drover("restore", id)
        #expect(restored.status == .exited(0), "\(restored)")
        try guest.start(waitingFor: "console: micro: ready")
        try guest.stop()
    }
}
