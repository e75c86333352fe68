import Glibc
import Linux
import TestSupport
import Testing

/// `drover healthcheck` on real guests: what is asked is the guest, not the port.
struct HealthTests {
    private func start(_ guest: Guest, _ workspace: Workspace, _ more: [String: String] = [:]) throws -> DroverRun {
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(guest), more))
        try run.wait(for: "the guest runs", within: 60)
        return run
    }

    /// One line and an exit code of 0 or 1, always.
    private func health(_ options: String, _ workspace: Workspace) throws -> (isHealthy: Bool, line: String) {
        let (status, output) = try drover("healthcheck \(options)", workspace)
        #expect((0...1).contains(status), "\(output)")
        #expect(output.split(separator: "\n", omittingEmptySubsequences: false).count == 1, "\(output)")
        return (status == 0, output)
    }

    @Test func aLinuxGuestBecomesReadyIsPausedAndHangs() throws {
        let workspace = try Workspace()
        let port = try Listener.freePort()
        let run = try start(.micro, workspace, ["QEMU_NET": "e1000", "QEMU_PORTS": "127.0.0.1:\(port):22"])
        #expect(try health("--live", workspace).isHealthy)
        let booting = try health("--timeout 1", workspace)
        #expect(
            !booting.isHealthy && booting.line.hasPrefix("not ready: 127.0.0.1:\(port): connected, but"), "\(booting)")

        try run.wait(for: "micro: ready", within: 200)
        let ready = try health("", workspace)
        #expect(ready.isHealthy && ready.line.contains("sent \"SSH-2.0-"), "\(ready)")

        // An operator who keeps the monitor busy.
        let socket = "\(workspace.path)/run/qmp.sock"
        let busy = try shell(
            """
            yes '{"execute":"query-block"}' | { printf '{"execute":"qmp_capabilities"}'; head -c 20000000; } |
              socat -t 60 - \(socatAddress(socket)) >/dev/null & operator=$!
            DROVER_RUNTIME_DIR='\(workspace.path)/run' '\(DroverRun.binary)' healthcheck; echo "status $?"
            kill -0 $operator && echo "the operator is still at it"; kill $operator
            """)
        #expect(busy.contains("status 0\nthe operator is still at it"), "\(busy)")

        #expect(try drover("monitor stop", workspace).status == 0)
        #expect(try health("--live", workspace).isHealthy)
        let paused = try health("--ready", workspace)
        #expect(!paused.isHealthy && paused.line == "not ready: the guest is paused", "\(paused)")
        #expect(try drover("monitor cont", workspace).status == 0)
        #expect(try health("--ready", workspace).isHealthy)

        let qemu = try run.qemuPID()
        try send(.stop, to: qemu)
        let stuck = try health("--live --timeout 1", workspace)
        #expect(!stuck.isHealthy)
        #expect(stuck.line == "not live: QEMU's main loop did not answer query-status within 1.0 s")
        try send(.continue, to: qemu)
        #expect(try health("--live", workspace).isHealthy)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
    }

    @Test func aGuestWithoutANetworkIsLiveAndNotReady() throws {
        let workspace = try Workspace()
        let run = try start(.mach, workspace)
        #expect(try health("--live", workspace).isHealthy)
        let ready = try health("--ready", workspace)
        #expect(!ready.isHealthy && ready.line.contains("nothing to ask"), "\(ready)")
        try run.signal(.quit)
    }

    /// QEMU takes the connection whether or not anybody is there.
    @Test func aPortThatLeadsToNobodyIsNotReady() throws {
        let workspace = try Workspace()
        let port = try Listener.freePort()
        let run = try start(.mach, workspace, ["QEMU_NET": "e1000", "QEMU_PORTS": "127.0.0.1:\(port):22"])
        try run.wait(for: "panic", within: 60)
        let connects = try shell("socat -u OPEN:/dev/null TCP:127.0.0.1:\(port) && echo connected")
        #expect(connects == "connected\n")
        let ready = try health("--ready --timeout 1", workspace)
        #expect(!ready.isHealthy && ready.line.contains("connected, but"), "\(ready)")
        try run.signal(.quit)
    }

    @Test func aLineOfTheConsoleCanTellThatTheGuestIsReady() throws {
        let workspace = try Workspace()
        let run = try start(.mach, workspace, ["READY_CHECK": "console:panic"])
        try run.wait(for: "panic", within: 60)
        let ready = try health("--ready", workspace)
        #expect(ready.isHealthy && ready.line.contains(#"has shown "panic""#), "\(ready)")
        try run.signal(.quit)
    }

    /// A guest that starts anew has to become ready anew: what it had shown before does not count.
    @Test func aResetTakesTheReadinessBack() throws {
        let workspace = try Workspace()
        let run = try start(.micro, workspace, ["READY_CHECK": "console:micro: ready"])
        try run.wait(for: "console: micro: ready", within: 200)
        #expect(try health("--ready", workspace).isHealthy)

        let before = run.lines.count
        #expect(try drover("monitor system_reset", workspace).status == 0)
        try run.wait(for: "the machine was reset", within: 60)
        let booting = try health("--ready", workspace)
        #expect(!booting.isHealthy && booting.line.hasPrefix("not ready: "), "\(booting)")

        try run.wait(for: "console: micro: ready", after: before, within: 200)
        let ready = try health("--ready", workspace)
        #expect(ready.isHealthy, "\(ready)")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func withoutARunTheAnswerIsNo() throws {
        let workspace = try Workspace()
        let verdict = try health("--live", workspace)
        #expect(!verdict.isHealthy && verdict.line.contains("PID 1 is not there"), "\(verdict)")
    }
}
