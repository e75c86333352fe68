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

    @Test(.enabled(if: SharedGuest.hurd != nil, SharedGuest.noHurd))
    func aPreparedHurdHasItsSecretsAtTheFirstBootAndIsStoppedCleanly() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(copyOf: SharedGuest.hurd)
        let outcome = try runScript("'\(repository)/scripts/hurd-image' --prepare '\(disk)'")
        #expect(outcome.code == 0, "\(outcome)")
        let variables = try ["QEMU_RAM": "512"].merging(Credentials(workspace).variables()) { $1 }
        let run = try DroverRun(["run"], workspace.variables(disk: disk, variables))
        try run.wait(for: " is in force", within: 400)
        try run.wait(for: "login", within: 400)
        #expect(try drover("guest ping", workspace).status == 0)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
        #expect(run.lines.contains { $0.contains("stopped cleanly by rung 1 ") }, "\(run.lines.suffix(5))")
    }
}
