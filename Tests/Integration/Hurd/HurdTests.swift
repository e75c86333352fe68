import Linux
import TestSupport
import Testing

/// A real GNU/Hurd, where the shared guests have one.
@Suite struct HurdTests {
    /// Nobody has installed anything in it, and it ignores the power button: the stop is a power cut.
    @Test(.enabled(if: SharedGuest.hurd != nil, SharedGuest.noHurd))
    func aHurdBootsUnderDroverAndIsStopped() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(copyOf: SharedGuest.hurd)
        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["QEMU_RAM": "512"]))
        // Debian's getty says "login: ", the Hurd's own "login> ".
        try run.wait(for: "login", within: 400)
        #expect(try drover("status", workspace).status == 0)
        #expect(try drover("stop --force", workspace).status == 1)
        #expect(try run.waitForExit(within: 120) == .exited(124))
        #expect(run.lines.last?.contains("the guest was cut off") == true, "\(run.lines.suffix(5))")
    }
}
