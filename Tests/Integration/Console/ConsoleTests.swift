import Foundation
import Linux
import TestSupport
import Testing

/// The guest's console on its way to stdout.
@Suite struct ConsoleTests {
    @Test func nothingTheGuestWritesPassesForALineOfOurs() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun([
            "--say", "\u{1b}[2Jdrover: error: forged\n\u{1b}]0;title\u{7}x\rdrover: y\n",
        ])
        try run.wait(for: "console: drover: error: forged", within: 30)
        try run.wait(for: "console: drover: y", within: 30)
        try run.signal(.terminate)
        try run.waitForExit(within: 30)
        #expect(!run.lines.contains { $0.hasPrefix("drover: error") || $0.contains("\u{1b}") })
    }

    @Test func aPromptIsShownThoughNoLineEndFollows() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--say", "login: "])
        try run.wait(for: "console: login: ", within: 30)
        try run.signal(.terminate)
        try run.waitForExit(within: 30)
    }

    @Test func jsonLinesAreJSON() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(
            ["--say", "a \"quoted\" \\ line\t\u{1b}[1mwith an escape\n"], ["LOG_FORMAT": "json"])
        try run.wait(for: "quoted", within: 30)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
        var messages: [String: [String]] = [:]
        for line in run.lines {
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String], "\(line)")
            #expect(Set(object.keys) == ["level", "message", "source", "time"])
            #expect(object["time"]?.count == 24 && object["time"]?.hasSuffix("Z") == true)
            messages[object["source"] ?? "", default: []].append(object["message"] ?? "")
        }
        #expect(messages["console"] == ["a \"quoted\" \\ line\twith an escape"])
        #expect(messages["drover"]?.contains("the guest runs") == true)
    }

    /// GNU Mach's last two lines, in one piece; and a guest that only shows such a line and goes on to a prompt.
    @Test func aHaltIsTheLastThingAGuestSays() throws {
        let workspace = try Workspace()
        let halt =
            "Shutdown completed successfully, now in tight loop.\n"
            + "You can safely power off the system or hit ctl-alt-del to reboot\n"
        let halted = try workspace.standInRun(["--ignore-powerdown", "--say", halt])
        try halted.wait(for: "the guest seems to have halted", within: 30)
        try halted.signal(.terminate)
        #expect(try halted.waitForExit(within: 30) == .exited(0))

        let goesOn = try workspace.standInRun(["--say", "reboot: System halted\nlogin: "])
        try goesOn.wait(for: "console: login: ", within: 30)
        try goesOn.signal(.terminate)
        #expect(try goesOn.waitForExit(within: 30) == .exited(0))
        #expect(goesOn.lines.contains { $0.contains("stopping the guest; ACPI power button") })
    }

    @Test func theConsoleCanBeLeftOut() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--say", "a line\nnow in tight loop\n"], ["CONSOLE_LOG": "off"])
        // It is read all the same.
        try run.wait(for: "the guest seems to have halted", within: 30)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
        #expect(!run.lines.contains { $0.hasPrefix("console: ") })
    }

    /// 200 MB while nobody reads stdout: signals and QMP are answered, memory is bounded, the loss is told.
    @Test func aStalledReaderStopsNothing() throws {
        let workspace = try Workspace()
        let trace = try workspace.trace()
        let (run, stdout) = try stalledRun(workspace, ["--flood", "200", "--ignore-powerdown"] + trace.arguments)

        // The flood ends although nobody reads.
        try trace.events.wait(for: "flooded", within: 120)
        let status = String(decoding: try readFile("/proc/\(run.pid)/status", limit: 1 << 16), as: UTF8.self)
        let peak = try #require(status.firstMatch(of: /VmHWM:\s+([0-9]+) kB/).flatMap { Int($0.1) }, "\(status)")
        #expect(peak < 16 * 1024, "peak resident \(peak) KiB")

        // A second signal makes it quit: both were seen, and QMP was answered, while stdout is stuck.
        let qemu = try run.qemuPID()
        try run.signal(.terminate)
        try run.signal(.quit)
        try waitForEnd(of: qemu, within: 60)

        let output = String(decoding: try stdout.readToEnd(within: 60), as: UTF8.self)
        #expect(try run.waitForExit(within: 30) == .exited(124))
        #expect(output.contains("drover: warning: stdout was too slow; "))
        #expect(output.contains("older lines are lost here"))
        #expect(output.contains("the guest was cut off"))
    }

    /// Nothing but line feeds: the log says how many, and PID 1 has time for others.
    @Test(arguments: ["text", "json"]) func lineFeedsByTheMillionAreACount(format: String) throws {
        let workspace = try Workspace()
        let trace = try workspace.trace()
        let run = try workspace.standInRun(
            ["--flood", "8", "--line", "\n"] + trace.arguments, ["LOG_FORMAT": format, "READY_CHECK": "none"])
        try run.wait(for: "the guest runs", within: 30)
        let (status, output) = try drover("healthcheck --timeout 5", workspace)
        #expect(status == 0, "\(output)")
        // Generous: a second or so is what a release build takes for a hundred times as much.
        try trace.events.wait(for: "flooded", within: 60)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 30) == .exited(0))
        let counts = run.lines.compactMap { $0.firstMatch(of: /… ([0-9]+) more empty lines/).flatMap { Int($0.1) } }
        let shown = run.lines.count {
            format == "text" ? $0 == "console: " : $0.contains(#""message":"","source":"console""#)
        }
        #expect(counts.reduce(shown, +) == 8 << 20, "\(run.lines)")
        // Whatever else is logged meanwhile begins another run.
        #expect(shown <= 12, "\(shown) are shown")
    }

    /// A run whose stdout is read only when the test asks for it. The run alone holds the pipe's other end, so that the
    /// pipe ends with the run.
    private func stalledRun(_ workspace: Workspace, _ arguments: [String]) throws -> (DroverRun, Transcript) {
        let pipe = try Descriptor.pipe()
        let run = try workspace.standInRun(arguments, stdout: pipe.writing)
        return (run, Transcript(of: pipe.reading, named: "drover's stdout"))
    }
}
