import Foundation
import Linux
import QMP
import TestSupport
import Testing

/// PID 1's socket full of clients that mean no good, at each level.
@Suite(.serialized) struct HostileClientTests {
    @Test(arguments: QMPPolicy.Level.allCases)
    func theHealthCheckAnswersAndTheStopIsClean(_ level: QMPPolicy.Level) throws {
        let workspace = try Workspace()
        let more = ["QMP_POLICY": level.rawValue, "LOG_LEVEL": "info"]
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.micro), more))
        try run.wait(for: "console: micro: ready", within: 200)

        let socket = "\(workspace.path)/run/qmp.sock"
        let (output, writing) = try Descriptor.pipe()
        let crowd = try ChildProcess(
            "/usr/bin/env", ["python3", "\(repository)/Tests/Integration/Clients/hostile.py", socket, "32"],
            descriptors: [try Descriptor.open("/dev/null"), writing, try Descriptor.duplicate(of: 2)])
        try #require(String(decoding: output.receive(until: soon()) ?? [], as: UTF8.self) == "all are there\n")
        // Those that read nothing do not keep their places.
        try run.wait(for: "a client of \(socket) was dropped: it does not read", within: 60)

        for attempt in 1...20 {
            let health = try drover("healthcheck --live --timeout 1", workspace)
            #expect(health.status == 0, "\(attempt): \(health.output)")
        }
        #expect(try drover("status", workspace).status == 0)

        let asked = Instant.now()
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
        let taken = Instant.now() - asked
        #expect(taken < .seconds(6), "\(taken.brief)")
        #expect(run.lines.last { $0.contains("stopped cleanly by rung") } != nil)
        withExtendedLifetime(crowd) {}
    }

    /// What is carried out is all there, among refusals that are counted.
    @Test func aLoopOfRefusalsDoesNotFillTheLog() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.mach)))
        try run.wait(for: "the guest runs", within: 60)
        let commands = #"yes '{"execute": "quit"}' | head -n 1000; echo '{"execute": "stop"}'"#
        let replies = try shell(
            "{ \(commands); } | DROVER_RUNTIME_DIR='\(workspace.path)/run' '\(DroverRun.binary)' monitor --qmp 2>&1 || true"
        )
        #expect(replies.components(separatedBy: "QMP_POLICY=full").count == 1001)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        let audit = run.lines.filter { $0.hasPrefix("audit: ") }
        #expect(audit.count(where: { $0.contains(": quit: ") }) == 20)
        #expect(audit.contains { $0.hasSuffix(": stop") })
        #expect(audit.last == "audit: warning: … 980 more commands of clients were refused", "\(audit.suffix(3))")
    }

    /// Clients that wait for QEMU are at work, and give way to nobody for a while.
    @Test func aFullHouseLetsOurOwnProgramInAndNobodyElse() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.mach)))
        try run.wait(for: "the guest runs", within: 60)
        let socket = "\(workspace.path)/run/qmp.sock"
        let clients = try (0..<32).map { _ in
            let client = try Descriptor.connect(unix: socket, until: soon())
            try client.deliver(Array(#"{"execute": "qmp_capabilities"}"#.utf8))
            #expect(client.read(until: #"{"return": {}}"#) != nil)
            return client
        }
        let qemu = try run.qemuPID()
        try send(.stop, to: qemu)
        for client in clients { try client.deliver(Array(#"{"execute": "query-status"}"#.utf8)) }
        // PID 1 has read those when it answers this.
        #expect(try drover("status", workspace).status == 0)
        let stranger = try Descriptor.connect(unix: socket, until: soon())
        try run.wait(for: "is not let in: all clients are busy", within: 30)
        let stuck = try drover("healthcheck --live --timeout 1", workspace)
        #expect(stuck.output.contains("QEMU's main loop did not answer query-status"), "\(stuck)")
        try send(.continue, to: qemu)
        #expect(try drover("healthcheck --live", workspace).status == 0)
        for client in clients { #expect(client.read(until: #""running": true"#) != nil) }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        withExtendedLifetime(stranger) {}
    }
}
