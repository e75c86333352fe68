import Foundation
import Linux
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
        #expect(goesOn.lines.contains { $0.contains("ACPI power button now") })
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
        let pipe = try Descriptor.pipe()
        let run = try workspace.standInRun(["--flood", "200", "--ignore-powerdown"], stdout: pipe.writing)

        // The flood ends although nobody reads: only then does the writer leave.
        let flood = try waitForGrandchild(of: run)
        try shell("while kill -0 \(flood) 2> /dev/null; do :; done")
        let memory = try shell("awk '/^VmHWM/ { print $2 }' /proc/\(run.pid)/status")
        let peak = try #require(Int(memory.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(peak < 16 * 1024, "peak resident \(peak) KiB")

        // A second signal makes it quit: both were seen, and QMP was answered, while stdout is stuck.
        let child = try run.qemuPID()
        let asked = Instant.now()
        try run.signal(.terminate)
        try run.signal(.quit)
        try shell("while kill -0 \(child) 2> /dev/null; do :; done")
        let took = Instant.now() - asked
        print("stalled stdout: two signals and two QMP commands took \(took.brief)")
        #expect(took < .milliseconds(500))

        let reader = FileHandle(fileDescriptor: pipe.reading.rawValue)
        let output = try readWhileRunning(run, reader)
        #expect(output.contains("drover: warning: stdout was too slow; "))
        #expect(output.contains("older lines are lost here"))
    }

    private func waitForGrandchild(of run: DroverRun) throws -> String {
        let found = try shell(
            """
            until q=$(cat /proc/\(run.pid)/task/\(run.pid)/children) && [ -n "$q" ] \\
              && f=$(cat /proc/${q% }/task/${q% }/children) && [ -n "$f" ]; do kill -0 \(run.pid) || exit 1; done
            echo $f
            """)
        return found.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func readWhileRunning(_ run: DroverRun, _ reader: FileHandle) throws -> String {
        var output = ""
        while !output.contains("the guest was cut off") {
            let data = reader.availableData
            if data.isEmpty { break }
            output += String(decoding: data, as: UTF8.self)
        }
        #expect(try run.waitForExit(within: 30) == .exited(124))
        return output
    }
}
