import Glibc
import Linux
import Machine
import TestSupport
import Testing

/// The duties of a PID 1, with the stand-in for QEMU.
@Suite struct DutyTests {
    @Test func orphansAreReapedToTheLast() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--orphans", "10000"], ["LOG_LEVEL": "debug"])
        try run.wait(for: "the guest runs", within: 120)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(run.lines.contains { $0.contains("reaped 10000 orphaned processes") }, "\(run.lines.suffix(3))")
    }

    @Test func noZombieIsLeftWhileTheGuestRuns() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--orphans", "1000"])
        try run.wait(for: "the guest runs", within: 60)
        // On a busy machine the last orphans come after the guest. Those that are not reaped stay, and are counted.
        let deadline = Instant.within(60)
        while try children(of: run.pid).count > 1, Instant.now() < deadline { sched_yield() }
        #expect(try children(of: run.pid).count == 1)
        try run.signal(.terminate)
        try run.waitForExit(within: 60)
    }

    @Test func theChildInheritsNothingButItsDescriptors() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--describe"], ["GUEST_HOSTNAME": "not-for-children"])
        let line = try run.wait(for: "inherited:", within: 30)
        #expect(
            line
                == "qemu: inherited: blocked=3 ignored=0 session=1 pdeathsig=9 descriptors=0,1,2,3,4,5,8,9,11, environment=\(QEMUEnvironment.variables.joined(separator: ",")),"
        )
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    @Test func qemusLastWordsAreInTheLog() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--fail", "3:a reason\nin two lines"])
        #expect(try run.waitForExit(within: 30) == .exited(70))
        #expect(run.lines.contains("drover: error: QEMU's last words: a reason"))
        #expect(run.lines.contains("drover: error: QEMU exited with code 3"))
    }

    @Test func aGuestThatPowersOffDuringTheStopIsACleanEnd() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun([])
        try run.wait(for: "the guest runs", within: 30)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    @Test func aReaderThatGoesAwayChangesNothing() throws {
        let workspace = try Workspace()
        let run = try runUntilConsoleFlows(workspace)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    /// When it returns, nobody reads the run's stdout any more.
    private func runUntilConsoleFlows(_ workspace: Workspace) throws -> DroverRun {
        let pipe = try Descriptor.pipe()
        let run = try workspace.standInRun(["--flood", "50"], stdout: pipe.writing)
        try Transcript(of: pipe.reading, named: "drover's stdout").wait(for: "console: ")
        return run
    }

    @Test func withoutAnyStandardDescriptorsItRunsAsWell() throws {
        let workspace = try Workspace()
        let trace = try workspace.trace()
        let variables = try workspace.standInVariables().map { "\($0)=\($1)" }
        let run = try ChildProcess(
            DroverRun.binary, ["run", "--"] + trace.arguments,
            environment: ["PATH=\(try workspace.standInPath())"] + variables, descriptors: [])
        try trace.events.wait(for: "runs")
        try run.signal(.terminate)
        #expect(try run.waitForExit() == .exited(0))
    }

    @Test func asPID1OfANamespaceItStopsAndReaps() throws {
        let workspace = try Workspace()
        let rootless = getuid() == 0 ? [] : ["--map-root-user"]
        let run = try DroverRun(
            ["run", "--", "--orphans", "100"], workspace.standInVariables(["LOG_LEVEL": "debug"]),
            path: workspace.standInPath(), by: ["/usr/bin/unshare", "--pid", "--fork", "--kill-child"] + rootless)
        try run.wait(for: "the guest runs", within: 60)
        let drover = try #require(children(of: run.pid).first)
        // Those that have not had their turn yet would go with the namespace, and not be reaped.
        let deadline = Instant.within(60)
        while try children(of: drover).count > 1, Instant.now() < deadline { try shell("sleep 0.05") }
        try send(.terminate, to: drover)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        #expect(run.lines.contains { $0.contains("reaped 100 orphaned processes") }, "\(run.lines)")
        #expect(run.lines.contains { $0.contains("stopped cleanly by rung 2") }, "\(run.lines)")
    }

    @Test func ctrlCOnATerminalIsAStopAndWindowChangesAreHarmless() throws {
        let workspace = try Workspace()
        let (keys, typing) = try Descriptor.pipe()
        let (reading, screen) = try Descriptor.pipe()
        // Without the shell, which the key would reach as well.
        let command = try "exec \(workspace.standInEnvironment()) \(shellQuoted(DroverRun.binary)) run"
        let script = try ChildProcess(
            "/usr/bin/script", ["-qefc", command, "/dev/null"],
            descriptors: [keys, screen, try Descriptor.duplicate(of: 2)])
        let shown = Transcript(of: reading, named: "the terminal")
        try shown.wait(for: "the guest runs")
        try script.signal(Signal(rawValue: SIGWINCH))
        try typing.deliver([3])
        try shown.wait(for: "SIGINT: stopping the guest")
        #expect(try script.waitForExit(seen: shown.text) == .exited(0))
    }
}
