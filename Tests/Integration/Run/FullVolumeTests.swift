import Foundation
import Linux
import TestSupport
import Testing

/// A guest that writes, on a volume that has no room for it.
@Suite struct FullVolumeTests {
    @Test func theFileIsNamedWithWhatToDoAndTheGuestGoesOn() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro, named: "source.qcow2")
        try workspace.runAtBoot(
            "#!/bin/sh\n(sleep 1; dd if=/dev/urandom of=/state/fill bs=1M count=24; sync; echo written) &\n", on: disk)
        let volume = "\(workspace.path)/volume"
        // 8 MiB for the guest to write to.
        try shell(
            """
            mkdir '\(volume)'
            mount -t tmpfs -o size=$((($(stat -c %s '\(disk)') >> 10) + 16384))k none '\(volume)'
            cp '\(disk)' '\(volume)/disk.qcow2' && fallocate -l 8M '\(volume)/ballast'
            """)
        defer { _ = try? shell("umount -l '\(volume)'") }

        let run = try DroverRun(["run"], workspace.variables(disk: "\(volume)/disk.qcow2"))
        let line = try run.wait(for: "cannot grow", within: 200)
        #expect(
            line.contains(
                "error: \"\(volume)/disk.qcow2\" cannot grow: no space is left in its file system (0 MiB free)"))
        #expect(line.hasSuffix("the guest is paused: make room, then let it go on: drover monitor cont"), "\(line)")
        #expect(try drover("status", workspace).output.contains("state:        paused"))

        // What the line says.
        try shell("rm '\(volume)/ballast' && mount -o remount,size=200m '\(volume)'")
        #expect(try drover("monitor cont", workspace).status == 0)
        try run.wait(for: "the guest goes on, and tries \"\(volume)/disk.qcow2\" again", within: 60)
        try run.wait(for: "console: written", within: 120)
        #expect(run.lines.count(where: { $0.contains("cannot grow") }) == 1)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
    }
}
