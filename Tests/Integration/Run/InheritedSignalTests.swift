import Linux
import TestSupport
import Testing

/// Whoever starts drover may have ignored and blocked any signal, and exec(3) hands that on.
@Suite struct InheritedSignalTests {
    private static let starters = [
        ["/usr/bin/env", "--ignore-signal=CHLD"], ["/usr/bin/env", "--ignore-signal", "--block-signal"],
    ]

    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    @Test(arguments: starters) func theEndOfQEMUIsSeen(_ starter: [String]) throws {
        func start() throws -> DroverRun {
            let run = try DroverRun(
                ["run", "--", "--describe"], workspace.standInVariables(), path: workspace.standInPath(), by: starter)
            try run.wait(for: "the guest runs", within: 30)
            #expect(run.lines.contains { $0.contains("blocked=3 ignored=0") }, "\(run.lines)")
            return run
        }
        let stopped = try start()
        try stopped.signal(.terminate)
        #expect(try stopped.waitForExit(within: 30) == .exited(0))

        let ended = try start()
        #expect(try drover("monitor system_powerdown", workspace).status == 0)
        #expect(try ended.waitForExit(within: 30) == .exited(0), "\(ended.lines)")
    }

    @Test(arguments: starters) func theEndOfQemuImgIsSeen(_ starter: [String]) throws {
        let variables = workspace.variables(
            disk: "\(workspace.path)/new.qcow2", ["CREATE_DISK": "1", "DISK_SIZE": "1G"])
        let run = try DroverRun(["run"], variables, by: starter)
        try run.wait(for: "the guest runs", within: 60)
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    /// With all ignored, even that of the end of a pipe.
    @Test func clientsWorkToo() throws {
        let run = try workspace.standInRun([])
        try run.wait(for: "the guest runs", within: 30)
        for starter in Self.starters {
            for command in ["status", "healthcheck --live", "monitor info status"] {
                let words = (starter + [DroverRun.binary]).map(shellQuoted).joined(separator: " ")
                try shell("DROVER_RUNTIME_DIR='\(workspace.path)/run' \(words) \(command)", within: 30)
            }
        }
        #expect(try drover("stop", workspace).status == 0)
        #expect(try run.waitForExit(within: 30) == .exited(0))
    }
}
