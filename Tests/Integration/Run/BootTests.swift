import Linux
import TestSupport
import Testing

/// Real guests on the real QEMU, under TCG.
@Suite struct BootTests {
    @Test func aLinuxGuestBootsAndIsStoppedCleanly() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        try workspace.runAtBoot("#!/bin/sh\necho kept > /state/written\n", on: disk)

        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: "console: micro: ready", within: 120)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(run.lines.contains { $0.contains("stopped cleanly by rung 2 (ACPI power button) after") })

        // Seen from outside: nothing to repair, and what was written before the stop is there.
        try shell("'\(repository)/Tests/Guests/state' '\(disk)' check >&2")
        #expect(try shell("'\(repository)/Tests/Guests/state' '\(disk)' get /written") == "kept\n")

        let again = try DroverRun(["run"], workspace.variables(disk: disk))
        try again.wait(for: "console: micro: boot 2", within: 120)
        try again.wait(for: "console: micro: ready", within: 60)
        try again.signal(.terminate)
        #expect(try again.waitForExit(within: 60) == .exited(0))
    }

    @Test func aGuestThatHaltsWithoutPoweringOffIsRecognised() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.micro)
        try shell("printf '#!/bin/sh\\nsync\\nhalt -f\\n' > '\(workspace.path)/powerdown'")
        try shell("'\(repository)/Tests/Guests/state' '\(disk)' put '\(workspace.path)/powerdown' /powerdown 0755")

        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: "console: micro: ready", within: 120)
        try run.signal(.terminate)
        try run.wait(for: "System halted", within: 60)
        // Well before the 90 s are over that a guest has by default.
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(run.lines.contains { $0.hasPrefix("drover: the guest halted") }, "\(run.lines.suffix(5))")
    }

    @Test func aGuestThatIgnoresThePowerButtonIsCutOffWithinTheBudget() throws {
        let workspace = try Workspace()
        let run = try DroverRun(
            ["run"], workspace.variables(disk: workspace.disk(.mach), ["SHUTDOWN_TIMEOUT": "8"]))
        try run.wait(for: "console: GNU Mach", within: 60)
        try run.wait(for: "bootstrap_create: No bootstrap code loaded with the kernel!", within: 60)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(124))
        #expect(run.lines.contains { $0.contains("the guest was cut off by rung 3 (QMP quit)") })
    }

    @Test func aSecondSignalDoesNotWaitForTheGuest() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.mach)))
        try run.wait(for: "console: GNU Mach", within: 60)
        try run.signal(.terminate)
        try run.wait(for: "SIGTERM: stopping the guest", within: 10)
        // One that comes at once would be taken for the same.
        try shell("sleep 1.2")
        try run.signal(.terminate)
        // Well before the 90 s are over that a guest has by default.
        #expect(try run.waitForExit(within: 30) == .exited(124))
    }

    @Test func aKilledQEMUIsAFailure() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.mach)))
        try run.wait(for: "console: GNU Mach", within: 60)
        try send(.kill, to: run.qemuPID())
        #expect(try run.waitForExit(within: 30) == .exited(70))
        #expect(run.lines.contains { $0.contains("QEMU was killed by SIGKILL") })
    }

    @Test func aStoppedQEMUIsKilledInTheEnd() throws {
        let workspace = try Workspace()
        let run = try DroverRun(
            ["run"], workspace.variables(disk: workspace.disk(.mach), ["SHUTDOWN_TIMEOUT": "5"]))
        try run.wait(for: "console: GNU Mach", within: 60)
        try send(.stop, to: run.qemuPID())
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(124))
        #expect(run.lines.contains { $0.contains("rung 4 (SIGKILL)") })
    }

    @Test func aDiskInUseIsNotTouched() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.mach)
        let first = try DroverRun(["run"], workspace.variables(disk: disk))
        try first.wait(for: "the guest runs", within: 60)
        let elsewhere = ["DROVER_RUNTIME_DIR": "\(workspace.path)/run2"]
        let second = try DroverRun(["run"], workspace.variables(disk: disk, elsewhere))
        #expect(try second.waitForExit(within: 60) == .exited(75))
        #expect(second.lines.contains { $0.contains("another process uses the disk") })
        let third = try DroverRun(["run"], workspace.variables(disk: disk))
        #expect(try third.waitForExit(within: 60) == .exited(75))
        #expect(third.lines.last?.contains("another drover runs there") == true, "\(third.lines)")
        try first.signal(.quit)
        try first.waitForExit(within: 30)
    }

    @Test func aPathWithSpacesAndCommasWorks() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.mach, named: "a disk, with commas=and \"quotes\".qcow2")
        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: "console: GNU Mach", within: 60)
        try run.signal(.quit)
        #expect(try run.waitForExit(within: 30) == .exited(124))
    }
}
