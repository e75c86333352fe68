import Linux
import TestSupport
import Testing

/// `drover stop` says how it went, whoever dies first.
@Suite struct StopCommandTests {
    @Test func aCleanStopIsToldAsInTheLog() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun([], ["GUEST_AGENT": "off"])
        try run.wait(for: "the guest runs", within: 30)
        let (status, output) = try drover("stop", workspace)
        #expect(try run.waitForExit(within: 30) == .exited(0))
        #expect(status == 0 && output.hasPrefix("stopped cleanly by rung 2 (ACPI power button) after "), "\(output)")
        #expect(run.lines.last == "drover: \(output)")
    }

    @Test func aPowerCutIsNoSuccess() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--ignore-powerdown"], ["GUEST_AGENT": "off"])
        try run.wait(for: "the guest runs", within: 30)
        let (status, output) = try drover("stop --timeout 5", workspace)
        #expect(try run.waitForExit(within: 30) == .exited(124))
        #expect(
            status == 1 && output.hasPrefix("drover: the guest was cut off by rung 3 (QMP quit) after "), "\(output)")
        #expect(run.lines.last == "drover: error: \(output.dropFirst(8))")
    }

    /// In a container everybody dies with PID 1, `docker exec` too.
    @Test func theLastLineComesBeforeTheEndOfThePIDNamespace() throws {
        for _ in 0..<10 {
            let workspace = try Workspace()
            let path = try workspace.standInPath()
            let run = try DroverRun(
                ["run"], try workspace.standInVariables(["GUEST_AGENT": "off"]), path: path,
                by: ["/usr/bin/unshare", "--pid", "--fork", "--kill-child"])
            try run.wait(for: "the guest runs", within: 30)
            let drover = try #require(try children(of: run.pid).first)
            let output = try shell(
                "DROVER_RUNTIME_DIR='\(workspace.path)/run' nsenter -t \(drover) --pid '\(DroverRun.binary)' stop; echo \"status $?\""
            )
            #expect(output.contains("stopped cleanly by rung 2") && output.hasSuffix("status 0\n"), "\(output)")
            #expect(try run.waitForExit(within: 30) == .exited(0))
        }
    }
}
