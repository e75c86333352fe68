import Linux
import Supervision
import TestSupport
import Testing

/// Real guests that fail, and what the log says of it.
@Suite struct HintTests {
    /// The firmware's screen, which is GRUB's too, on the serial port.
    private static let screenOnSerial = ["QEMU_EXTRA_ARGS": "-machine graphics=off"]

    /// What is said of a hint at once.
    private func warning(_ hint: Hint) -> String {
        "drover: warning: the guest says \"\(hint.phrase)\": \(hint.advice)"
    }

    private func end(_ run: DroverRun) throws {
        try run.signal(.quit)
        try run.waitForExit(within: 30)
        let warnings = run.lines.filter { line in Hint.allCases.contains { line.hasSuffix($0.advice) } }
        #expect(Set(warnings).count == warnings.count, "\(warnings)")
    }

    /// A guest's disk as a raw one, without a file of its first partition.
    private func disk(_ guest: Guest, without file: String, _ workspace: Workspace) throws -> [String: String] {
        let disk = "\(workspace.path)/disk.raw"
        let quoted = shellQuoted(disk)
        try shell("qemu-img convert -O raw \(shellQuoted(guest.disk)) \(quoted)")
        try shell("debugfs -w -R 'rm \(file)' \(shellQuoted("\(disk)?offset=\(1 << 20)"))")
        #expect(try !shell("debugfs -R 'ls -p /' \(shellQuoted("\(disk)?offset=\(1 << 20)"))").contains(file))
        return workspace.variables(disk: disk, ["QEMU_DRIVE_FORMAT": "raw"].merging(Self.screenOnSerial) { $1 })
    }

    @Test func anEmptyDisk() throws {
        let workspace = try Workspace()
        let disk = "\(workspace.path)/empty.raw"
        try shell("truncate -s 1M \(shellQuoted(disk))")
        let run = try DroverRun(
            ["run"], workspace.variables(disk: disk, ["QEMU_DRIVE_FORMAT": "raw"].merging(Self.screenOnSerial) { $1 }))
        try run.wait(for: warning(.nothingBoots), within: 60)
        try end(run)
    }

    /// The firmware speaks on the screen alone, which is looked at after a minute of silence.
    @Test func anEmptyDiskOnTheScreen() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.standInVariables())
        try run.wait(
            for: "drover: warning: the guest's screen shows \"No bootable device\": \(Hint.nothingBoots.advice)",
            within: 120)
        try end(run)
    }

    @Test func aLinuxWithoutItsRoot() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], disk(.micro, without: "initrd", workspace))
        try run.wait(for: warning(.noRoot), within: 120)
        // The same panic's last line.
        try run.wait(for: "---[ end Kernel panic", within: 60)
        try end(run)
        #expect(!run.lines.contains(warning(.linuxPanic)))
    }

    @Test func aLinuxThatPanics() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        try workspace.runAtBoot("#!/bin/sh\necho 1 > /proc/sys/kernel/sysrq\necho c > /proc/sysrq-trigger\n", on: disk)
        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: warning(.linuxPanic), within: 120)
        try end(run)
    }

    @Test func aMachWithoutAHurd() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.mach)))
        try run.wait(for: warning(.noBootModules), within: 60)
        try end(run)
    }

    /// GRUB's own prompt, after its silence, and then the one that it has when it finds nothing of its own.
    @Test func aGRUBWithoutItsKernel() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], disk(.micro, without: "vmlinuz", workspace))
        let silence = "drover: warning: the guest has said nothing for 60 s after \"grub>\": "
        try run.wait(for: silence + Hint.grubPrompt.advice, within: 300)
        let console = try Descriptor.connect(unix: "\(workspace.path)/run/console.sock", until: soon())
        try console.deliver(Array("normal_exit\r".utf8))
        try run.wait(for: warning(.grubRescue), within: 60)
        try end(run)
    }

    /// Recorded lines, for there is no real Hurd to fail so, in the real program; nor does it wait for a line end.
    @Test func aHurdThatStandsStill() throws {
        let workspace = try Workspace()
        let said = """
            ext2fs: part:1:device:wd0: Input/output error
            ext2fs: part:1:device:wd0: Input/output error
            ext2fs: part:2:device:wd0: No such device or address
            ext2fs: part:5:device:wd0: warning: FILESYSTEM NOT UNMOUNTED CLEANLY; PLEASE fsck
            start pci-arbiter:\u{20}
            """
        let run = try workspace.standInRun(["--say", said])
        for hint in [Hint.hurdCannotRead, .hurdHasNoDisk, .notUnmounted] {
            try run.wait(for: warning(hint), within: 30)
        }
        let silence = "drover: warning: the guest has said nothing for 60 s after \"start pci-arbiter\": "
        try run.wait(for: silence + Hint.pciArbiter.advice, within: 180)
        try end(run)
    }
}
