import JSON
import Linux
import TestSupport
import Testing

/// The text screen of real guests.
@Suite struct ScreenTests {
    private let workspace: Workspace

    init() throws {
        workspace = try Workspace()
    }

    private func start(disk: String, _ more: [String: String]) throws -> DroverRun {
        let run = try DroverRun(["run"], workspace.variables(disk: disk, more))
        try run.wait(for: "the guest runs", within: 60)
        return run
    }

    /// The whole screen, when it shows `text`.
    private func screen(showing text: String) throws -> [String] {
        try waitForScreen(showing: text, workspace)
        let (status, output) = try drover("screen", workspace)
        #expect(status == 0 && output.contains(text), "\(output)")
        return output.split(separator: "\n").map(String.init)
    }

    @Test(arguments: ["pc", "q35"]) func aBIOSWithoutADiskToBootSaysSo(machine: String) throws {
        try shell("truncate -s 1M '\(workspace.path)/empty.raw'")
        let variables = ["QEMU_DRIVE_FORMAT": "raw", "QEMU_MACHINE": machine]
        let run = try start(disk: "\(workspace.path)/empty.raw", variables)
        let lines = try screen(showing: "No bootable device")
        #expect(lines.first?.hasPrefix("SeaBIOS (version ") == true, "\(lines)")
        let health = try drover("healthcheck", workspace).output
        #expect(health.hasSuffix("its serial console is silent: drover screen shows its screen"), "\(health)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test(arguments: ["pc", "q35"]) func gnuMachSpeaksOnTheScreen(machine: String) throws {
        let disk = try workspace.disk(.mach)
        try workspace.boot(.mach, from: disk, replacing: "console=com0 ", with: "")
        let run = try start(disk: disk, ["QEMU_MACHINE": machine, "SHUTDOWN_TIMEOUT": "5"])
        let lines = try screen(showing: "bootstrap_create: No bootstrap code loaded")
        #expect(lines.contains { $0.hasPrefix("GNU Mach 1.8") }, "\(lines)")
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(124))
        #expect(run.lines.contains { $0.hasSuffix("drover screen shows its screen") }, "\(run.lines)")
    }

    @Test(arguments: [("pc", 25), ("q35", 25), ("q35", 50)])
    func linuxsTextConsoleIsByteForByteWhatTheGuestHas(machine: String, rows: Int) throws {
        let disk = try workspace.disk(.micro)
        try TextConsole.draw(on: disk, rows: rows, hidesCursor: machine == "q35", workspace)
        let run = try start(disk: disk, ["QEMU_MACHINE": machine])
        try run.wait(for: "console: end", within: 200)
        let expected = TextConsole(log: run.lines)
        #expect(expected.cells.count == 80 * rows * 4)

        let json = try JSONParser.parse(Array(try drover("screen --json", workspace).output.utf8))
        #expect(json["mode"]?.text == "text")
        #expect(json["cells"]?.text == expected.cells)
        let size = ["rows", "columns"].map { json[$0]?.integer(as: Int.self) }
        let cursor = ["column", "row"].map { json["cursor"]?[$0]?.integer(as: Int.self) }
        #expect((size + cursor).compactMap { $0 } == expected.header && expected.header.count == 4)
        #expect(json["cursor"]?["visible"]?.boolean == (machine == "pc"))
        let lines = try screen(showing: "line 80")
        #expect(lines.suffix(4) == TextConsole.lastLines[...])
        let coloured = try drover("screen --color", workspace).output
        #expect(coloured.contains("\u{1B}[93;44mab\u{1B}[37;40m│\u{1B}[31;40mcd"), "\(coloured)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func whoFollowsSeesWhatComes() throws {
        let disk = try workspace.disk(.mach)
        try workspace.boot(.mach, from: disk, replacing: "console=com0 ", with: "")
        let run = try start(disk: disk, [:])
        let follower = try DroverRun(["screen", "--follow"], ["DROVER_RUNTIME_DIR": "\(workspace.path)/run"])
        try follower.wait(for: "bootstrap_create: No bootstrap", within: 60)
        #expect(follower.lines.contains { $0.contains("GNU Mach 1.8") }, "\(follower.lines)")
        try follower.signal(.kill)
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func aReaderWithoutRightsSeesTheScreenAndNoMemory() throws {
        let run = try start(disk: workspace.disk(.mach), ["QMP_POLICY": "read-only"])
        _ = try screen(showing: "SeaBIOS")
        let refused = try drover("monitor xp /4xb 0", workspace)
        #expect(refused.status != 0 && refused.output.contains("QMP_POLICY=full"), "\(refused)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func grubsScreenIsTextUntilItDrawsOne() throws {
        let disk = try workspace.disk(.mach)
        let script = "echo 'GRUB speaks'\nsleep 20\nset gfxmode=640x480\nterminal_output gfxterm\nsleep 1000\n"
        try workspace.setGRUB(on: disk, script, modules: "echo sleep vbe gfxterm")
        let run = try start(disk: disk, [:])
        _ = try screen(showing: "GRUB speaks")
        try waitForScreen(showing: "graphics mode", workspace, within: 60)
        let answer = try drover("screen", workspace)
        #expect(answer.status == 1 && answer.output.contains("graphics mode"), "\(answer)")
        #expect(answer.output.contains("drover screenshot"), "\(answer)")
        #expect(try drover("screen --json", workspace).output.contains("graphics"))
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func anAdapterThatNobodyHasSetUpShowsNoText() throws {
        let run = try start(disk: workspace.disk(.mach), ["QEMU_EXTRA_ARGS": "-global VGA.romfile="])
        let answer = try drover("screen", workspace)
        #expect(answer.status == 1 && answer.output.contains("drover screenshot"), "\(answer)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }
}
