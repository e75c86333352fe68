import Linux
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
        let children = try shell("ps --ppid \(run.pid) -o stat= | sort | uniq -c").split(separator: "\n")
        #expect(children.count == 1, "\(children)")
        try run.signal(.terminate)
        try run.waitForExit(within: 60)
    }

    @Test func theChildInheritsNothingButItsDescriptors() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--describe"], ["GUEST_HOSTNAME": "not-for-children"])
        let line = try run.wait(for: "inherited:", within: 30)
        #expect(
            line
                == "qemu: inherited: blocked=0 ignored=0 session=1 pdeathsig=15 descriptors=0,1,2,3,4,5, environment=LC_ALL=C,"
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
        var output = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !output.contains("console: ") {
            let count = try buffer.withUnsafeMutableBytes { try pipe.reading.read(into: $0) }
            output += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
        return run
    }

    @Test func withoutAnyStandardDescriptorsItRunsAsWell() throws {
        let workspace = try Workspace()
        try shell(
            """
            \(workspace.standInEnvironment()) '\(DroverRun.binary)' run <&- >&- 2>&- & p=$!
            until [ -n "$(cat /proc/$p/task/$p/children)" ]; do kill -0 $p || exit 1; done
            kill -TERM $p
            wait $p
            """)
    }

    @Test func asPID1OfANamespaceItStopsAndReaps() throws {
        let workspace = try Workspace()
        let output = try shell(
            """
            set -e
            [ "$(id -u)" = 0 ] || rootless=--map-root-user
            \(workspace.standInEnvironment(["LOG_LEVEL": "debug"])) \
              /usr/bin/unshare --pid --fork --kill-child $rootless \
              '\(DroverRun.binary)' run -- --orphans 100 > '\(workspace.path)/log' 2>&1 & p=$!
            until grep -q 'the guest runs' '\(workspace.path)/log'; do kill -0 $p; done
            kill -TERM $(cat /proc/$p/task/$p/children)
            wait $p
            cat '\(workspace.path)/log'
            """)
        #expect(output.contains("reaped 100 orphaned processes"))
        #expect(output.contains("stopped cleanly by rung 2"))
    }

    @Test func ctrlCOnATerminalIsAStopAndWindowChangesAreHarmless() throws {
        let workspace = try Workspace()
        try shell(
            """
            set -e
            mkfifo '\(workspace.path)/keys'
            \(workspace.standInEnvironment()) /usr/bin/script -qefc "'\(DroverRun.binary)' run" \
              '\(workspace.path)/log' < '\(workspace.path)/keys' > /dev/null & p=$!
            exec 3> '\(workspace.path)/keys'
            until grep -q 'the guest runs' '\(workspace.path)/log' 2> /dev/null; do kill -0 $p; done
            kill -WINCH $p
            printf '\\003' >&3
            wait $p
            grep -q 'SIGINT: stopping the guest' '\(workspace.path)/log'
            """)
    }
}
