import Linux
import TestSupport
import Testing

/// A Linux whose console is the screen, and that halts without powering off.
@Suite struct ScreenStopTests {
    private func start(_ workspace: Workspace, button: String, _ more: [String: String] = [:]) throws -> DroverRun {
        let disk = try workspace.disk(.micro)
        try workspace.boot(.micro, from: disk, replacing: "console=ttyS0,115200", with: "console=tty0")
        try shell("printf '#!/bin/sh\\n\(button)\\n' > '\(workspace.path)/powerdown'")
        try shell("'\(repository)/Tests/Guests/state' '\(disk)' put '\(workspace.path)/powerdown' /powerdown 0755")
        let run = try DroverRun(["run"], workspace.variables(disk: disk, more))
        try run.wait(for: "the guest runs", within: 60)
        try waitForScreen(showing: "micro: ready", workspace, within: 200)
        // The getty is on the serial line all the same, and what it writes after the stop has begun would count.
        try run.wait(for: "login:", within: 60)
        return run
    }

    @Test func aHaltThatOnlyTheScreenShowsIsRecognised() throws {
        let workspace = try Workspace()
        let run = try start(workspace, button: "sync; halt -f")
        try run.signal(.terminate)
        // It takes two seconds from the halt on, and the halt a moment.
        #expect(try run.waitForExit(within: 30) == .exited(0))
        let line = run.lines.first { $0.hasPrefix("drover: the guest halted") }
        #expect(line?.contains("System halted") == true, "\(run.lines.suffix(5))")
        #expect(!run.lines.contains { $0.hasPrefix("console:") && $0.contains("System halted") })
    }

    /// Nothing but a reset wakes its CPUs any more.
    @Test func aHaltFromBeforeTheStopIsAHalt() throws {
        let workspace = try Workspace()
        let run = try start(workspace, button: "sync; halt -f", ["QEMU_SMP": "2"])
        #expect(try drover("monitor system_powerdown", workspace).status == 0)
        try waitForScreen(showing: "System halted", workspace, within: 60)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 40) == .exited(0))
        #expect(run.lines.contains { $0.hasPrefix("drover: the guest halted") }, "\(run.lines.suffix(5))")
    }

    @Test func aLineFromBeforeTheStopIsNoHalt() throws {
        let workspace = try Workspace()
        let run = try start(
            workspace, button: "[ -e /run/asked ] && exec sleep 100; : > /run/asked; echo System halted >/dev/tty1",
            ["SHUTDOWN_TIMEOUT": "8"])
        #expect(try drover("monitor system_powerdown", workspace).status == 0)
        try waitForScreen(showing: "System halted", workspace, within: 60)
        #expect(try drover("screen", workspace).output.hasSuffix("System halted"))
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(124))
        #expect(run.lines.contains { $0.contains("the guest was cut off") }, "\(run.lines.suffix(5))")
    }
}
