import Linux
import TestSupport
import Testing

/// `drover console` at a terminal that a program nobody here wrote drives.
struct ConsoleSessionTests {
    /// Copies everything the console shows into a file until the run ends.
    private func watch(_ command: String, into file: String) throws -> ChildProcess {
        try ChildProcess(
            "/bin/sh", ["-c", "exec \(command) </dev/null"],
            descriptors: [
                try Descriptor.open("/dev/null"), try Descriptor.open(file, [.writeOnly, .create]),
                try Descriptor.duplicate(of: 2),
            ])
    }

    @Test func anOperatorLogsInAndOthersWatch() throws {
        let workspace = try Workspace()
        let credentials = try Credentials(workspace)
        let run = try DroverRun(
            ["run"], workspace.variables(disk: workspace.disk(.micro), credentials.variables()))
        try run.wait(for: "the guest runs", within: 60)
        let directory = "\(workspace.path)/run"
        let viewers = [
            try watch(
                "env DROVER_RUNTIME_DIR='\(directory)' '\(DroverRun.binary)' console", into: "\(workspace.path)/one"),
            try watch("socat -u \(socatAddress("\(directory)/console.sock")) -", into: "\(workspace.path)/two"),
        ]
        let script = "\(repository)/Tests/Integration/Clients/console.py"
        let output = try shell(
            "'\(prepared("DROVER_PYTHON"))' '\(script)' '\(DroverRun.binary)' '\(directory)' "
                + "'\(credentials.rootPassword)' 2>&1", within: 300)
        #expect(output.hasSuffix("done\n"), "\(output)")

        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
        for viewer in viewers { #expect(try viewer.waitForExit() == .exited(0)) }
        let one = try readFile("\(workspace.path)/one", limit: 1 << 20)
        let two = try readFile("\(workspace.path)/two", limit: 1 << 20)
        #expect(one == two)
        #expect(String(decoding: one, as: UTF8.self).contains("answer-42-"))
    }
}
