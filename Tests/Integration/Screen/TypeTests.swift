import Linux
import TestSupport
import Testing

/// `drover type` on the text console of a real guest.
@Suite struct TypeTests {
    @Test func everyCharacterArrives() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.pristine)
        try workspace.boot(.pristine, from: disk, replacing: "console=ttyS0,115200", with: "console=tty0")
        let run = try DroverRun(["run"], workspace.variables(disk: disk))
        try run.wait(for: "the guest runs", within: 60)
        try waitForScreen(showing: "pristine login:", workspace, within: 400)

        try type("--keys r o o t ret", workspace)
        try waitForScreen(showing: "~ #", workspace, within: 60)
        try type("\(shellQuoted("stty -echo; clear; cat > /tmp/typed"))", workspace)
        try type("--keys ret", workspace)
        // The line with the command has gone, and nothing stands in its place.
        let deadline = Instant.within(60)
        while try drover("screen", workspace).output.contains("typed") {
            guard Instant.now() < deadline else { throw TestFailure("the screen is not cleared") }
        }
        let text = String(decoding: Array(UInt8(0x20)...0x7E), as: UTF8.self)
        try type("-- \(shellQuoted(text))", workspace)
        try type("--keys ret ctrl-d", workspace)
        try type(shellQuoted("od -An -v -tx1 /tmp/typed | tr -d ' \\n' > /dev/ttyS0; echo . > /dev/ttyS0"), workspace)
        try type("--keys ret", workspace)
        let digits = "0123456789abcdef".map(String.init)
        let expected = Array(0x20...0x7E).map { digits[$0 >> 4] + digits[$0 & 15] }.joined()
        try run.wait(for: "console: \(expected)0a.", within: 60)

        let refused = try drover("type 'aä'", workspace)
        #expect(refused.status == 64 && refused.output.contains("\"ä\" has no key"), "\(refused)")
        let audits = run.lines.filter { $0.hasPrefix("audit: ") }
        #expect(audits.count == 7 && audits.allSatisfy { $0.contains("send-key") }, "\(audits)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func aReaderMayNotType() throws {
        let workspace = try Workspace()
        let variables = workspace.variables(disk: try workspace.disk(.mach), ["QMP_POLICY": "read-only"])
        let run = try DroverRun(["run"], variables)
        try run.wait(for: "the guest runs", within: 60)
        let refused = try drover("type a", workspace)
        #expect(refused.status == 1 && refused.output.contains("QMP_POLICY=operator"), "\(refused)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    private func type(_ words: String, _ workspace: Workspace) throws {
        let answer = try drover("type \(words)", workspace)
        #expect(answer.status == 0, "\(answer)")
    }
}
