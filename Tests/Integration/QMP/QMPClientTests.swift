import Glibc
import Linux
import TestSupport
import Testing

/// The control socket with clients that nobody here wrote.
struct QMPClientTests {
    /// A Python with the library `qemu.qmp`.
    private static var python: String {
        get throws { try prepared("DROVER_PYTHON") }
    }

    private func startMach(_ workspace: Workspace, _ more: [String: String] = [:]) throws -> DroverRun {
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.mach), more))
        try run.wait(for: "the guest runs", within: 60)
        return run
    }

    /// What nobody knows goes on to QEMU at `full` only, and QEMU is to answer.
    @Test func tenClientsGetTheirRepliesAndAllEvents() throws {
        let workspace = try Workspace()
        let run = try startMach(workspace, ["QMP_POLICY": "full"])
        let crowd = "'\(try Self.python)' '\(repository)/Tests/Integration/Clients/crowd.py'"
        let output = try shell("\(crowd) '\(workspace.path)/run/qmp.sock' 10 1000 2>&1", within: 300)
        #expect(output == "10 clients, 10000 replies, 100 events\n")
        try run.signal(.quit)
        try run.waitForExit(within: 60)
        #expect(run.lines.count(where: { $0.hasPrefix("audit: pid ") && $0.hasSuffix(": stop") }) == 5)
    }

    @Test func qmpShellWorksUnchanged() throws {
        let workspace = try Workspace()
        let run = try startMach(workspace)
        let shellProgram = try Self.python.dropLast("python".count) + "qmp-shell"
        let output = try shell(
            "printf 'query-status\\nquit\\n' | '\(shellProgram)' -p '\(workspace.path)/run/qmp.sock' 2>&1")
        #expect(output.contains(#""status": "running""#), "\(output)")
        #expect(output.contains("QMP_POLICY=full"), "\(output)")
        try run.signal(.quit)
    }

    @Test func socatWorksWithJSONSplitAndJoinedAnywhere() throws {
        let workspace = try Workspace()
        let run = try startMach(workspace, ["QMP_POLICY": "full"])
        let script = #"""
            { printf '{"execute":"qmp_capabilities"}{"execute": "query-name", "id": [1, "x"]}\n{"exec'
              printf 'ute":\n "query-status",\n"id": {"a": 1.50}}not json\n{"execute":"query-nothing","id":null}\n'; } |
            """#
        let output = try shell("\(script) socat -t 30 - \(socatAddress("\(workspace.path)/run/qmp.sock"))")
        let lines = output.split(separator: "\r\n").map(String.init)
        try #require(lines.count == 6, "\(output)")
        #expect(lines[0].hasPrefix(#"{"QMP": {"version": {"qemu": "#) && lines[0].contains(#""capabilities": []"#))
        #expect(lines[1] == #"{"return": {}}"#)
        #expect(lines[2] == #"{"return": {}, "id": [1, "x"]}"#)
        #expect(lines[3].contains(#""status": "running""#) && lines[3].contains(#""id": {"a": 1.50}"#))
        #expect(lines[4].contains("JSON parse error") && !lines[4].contains(#""id""#))
        #expect(lines[5].contains("CommandNotFound") && lines[5].contains(#""id": null"#))
        try run.signal(.quit)
    }

    @Test func theSocketIsForItsOwnerAlone() throws {
        let workspace = try Workspace(isOpen: true)
        let run = try startMach(workspace)
        // The directory would keep them out as well.
        try shell("chmod 0777 '\(workspace.path)' '\(workspace.path)/run' '\(workspace.path)/run/qmp.sock'")
        let output = try shell(
            "setpriv --reuid 65534 --clear-groups socat -t 5 - \(socatAddress("\(workspace.path)/run/qmp.sock")) </dev/null"
        )
        #expect(output.isEmpty)
        try run.wait(for: "of uid 65534 is not let in", within: 10)
        try run.signal(.quit)
    }

    @Test func aClientThatDoesNotReadIsDroppedAndTheOthersAreServed() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--play", "huge"])
        try run.wait(for: "the guest runs", within: 10)
        let asks = String(repeating: #"{"execute":"query-name"}"#, count: 20)
        let socket = "\(workspace.path)/run/qmp.sock"
        let stuck = try Descriptor.connect(unix: socket, until: soon())
        try stuck.deliver(Array((#"{"execute":"qmp_capabilities"}"# + asks).utf8))
        try run.wait(for: "a client of \(socket) was dropped", within: 30)
        let status = try shell(
            #"printf '{"execute":"qmp_capabilities"}{"execute":"query-status"}' | "#
                + "socat -t 30 - \(socatAddress(socket))")
        #expect(status.contains("running"))
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
        _ = stuck
    }
}

/// What a QEMU that misbehaves makes of the clients.
struct QMPMisbehaviourTests {
    /// - Returns: what a client that asks for the name gets to read, in lines.
    private func askName(_ workspace: Workspace) throws -> [String] {
        let output = try shell(
            #"printf '{"execute":"qmp_capabilities"}{"execute":"query-name","id":"mine"}' | "#
                + "socat -t 30 - \(socatAddress("\(workspace.path)/run/qmp.sock"))")
        return output.split(separator: "\r\n").map(String.init)
    }

    private static let reply = #"{"return": {"name": "me"}, "id": "mine"}"#

    @Test(arguments: [
        (["--drip"], [String](), nil), (["--play", "early-event"], [#"{"event": "NICE", "data": {}}"#], nil),
        (["--play", "lost-id"], [], "QEMU sent what nobody asked for: who? (GenericError)"),
        (["--play", "unknown-id"], [], "QEMU sent what nobody asked for"),
    ]) func theReplyComesThrough(arguments: [String], extra: [String], logged: String?) throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(arguments)
        try run.wait(for: "the guest runs", within: 10)
        #expect(try askName(workspace).dropFirst(2) == extra + [Self.reply])
        if let logged { try run.wait(for: logged, within: 10) }
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    @Test func aReplyOfThreeMebibytesComesThroughWhole() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--play", "huge"])
        try run.wait(for: "the guest runs", within: 10)
        let reply = try #require(try askName(workspace).last)
        #expect(reply == #"{"return": {"name": "me\#(String(repeating: "x", count: 3 << 20))"}, "id": "mine"}"#)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    @Test func aReplyOfFiveMebibytesFailsAloneAndTheRunGoesOn() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--play", "vast"])
        try run.wait(for: "the guest runs", within: 10)
        let reply = try #require(try askName(workspace).last)
        #expect(reply.contains("the reply is longer than drover passes on") && reply.hasSuffix(#""id": "mine"}"#))
        #expect(try drover("status", workspace).status == 0)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }

    @Test func aChannelThatClosesInTheMiddleEndsTheClientsAndTheRun() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--play", "half"])
        try run.wait(for: "the guest runs", within: 10)
        #expect(try askName(workspace).count == 2, "the greeting, and that it has negotiated")
        #expect(try run.waitForExit(within: 30) == .exited(70))
    }

    @Test func withoutAGreetingClientsWaitAndTheHealthCheckSaysSo() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--mute"])
        try run.wait(for: "starting QEMU", within: 10)
        let health = try drover("healthcheck --live --timeout 1", workspace)
        #expect(health.status == 1)
        #expect(health.output.split(separator: "\n").count == 1, "\(health.output)")
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }
}
