import Linux
import TestSupport
import Testing

/// `SCREEN_DIR`, as a bridge to browsers has it.
@Suite struct ScreenDirectoryTests {
    @Test func aBridgeHasScreenConsoleAndPowerButtonAndNothingElse() throws {
        let workspace = try Workspace()
        let screen = "\(workspace.path)/screen"
        let run = try DroverRun(
            ["run"], workspace.variables(disk: workspace.disk(.micro), ["SCREEN_DIR": screen]),
            by: DroverRun.inOwnNetwork)
        try run.wait(for: "console: micro: ready", within: 120)
        #expect(try FileStatus(of: screen).permissions & 0o777 == 0o700)
        #expect(try shell("ls '\(screen)'") == "console.sock\nvnc.sock\n")
        #expect(try shell("nsenter --net=/proc/\(run.pid)/ns/net ss -Hltn") == "")

        let script = "\(repository)/Tests/Integration/Clients/screen.py"
        let output = try shell("python3 '\(script)' '\(screen)' '\(workspace.path)/run/console.sock' 2>&1", within: 200)
        #expect(output == "consoles agree\npicture True\npower button pressed\n")
        #expect(try run.waitForExit(within: 120) == .exited(0))
        // QEMU leaves its own, at which nobody listens.
        #expect(try shell("ls '\(screen)'") == "vnc.sock\n")
    }

    /// The bridge may be somebody's way in: who is another uid is turned away even where the folder lets them in.
    @Test func theConsoleIsForTheSameUidAlone() throws {
        let workspace = try Workspace(isOpen: true)
        let screen = "\(workspace.path)/screen"
        let run = try DroverRun(["run"], workspace.variables(disk: workspace.disk(.mach), ["SCREEN_DIR": screen]))
        try run.wait(for: "the guest runs", within: 60)
        try shell("chmod 755 '\(workspace.path)' '\(screen)'; chmod 666 '\(screen)/console.sock'")
        let address = socatAddress("\(screen)/console.sock")
        _ = try shell("setpriv --reuid 65534 --clear-groups socat -u \(address) - </dev/null")
        try run.wait(for: "\(screen)/console.sock: pid ", within: 30)
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    /// Both may be wanted, and VNC's password is for the port alone.
    @Test func aPortWithAPasswordIsBesideIt() throws {
        let workspace = try Workspace()
        try shell("echo 'word-8!' >'\(workspace.path)/vnc_password' && chmod 600 '\(workspace.path)/vnc_password'")
        let run = try DroverRun(
            ["run"],
            workspace.variables(
                disk: workspace.disk(.mach),
                [
                    "SCREEN_DIR": "\(workspace.path)/screen", "ENABLE_VNC": "1",
                    "VNC_PASSWORD_FILE": "\(workspace.path)/vnc_password",
                ]), by: DroverRun.inOwnNetwork)
        try run.wait(for: "the guest runs", within: 60)
        let viewer = VNCViewer(workspace: workspace, prefix: "nsenter --net=/proc/\(run.pid)/ns/net")
        #expect(try viewer.snapshot("word-8!").contains("VNC authentication succeeded"))
        let servers = try shell(
            "DROVER_RUNTIME_DIR='\(workspace.path)/run' '\(DroverRun.binary)' monitor --qmp query-vnc-servers")
        #expect(servers.contains("\(workspace.path)/screen/vnc.sock"), "\(servers)")
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func oneThatOthersMayWriteToIsRefusedBeforeAnythingStarts() throws {
        let workspace = try Workspace()
        try shell("mkdir -m 1777 '\(workspace.path)/screen'")
        let run = try DroverRun(
            ["run"],
            workspace.variables(disk: workspace.disk(.mach), ["SCREEN_DIR": "\(workspace.path)/screen"]))
        #expect(try run.waitForExit(within: 30) == .exited(77))
        let remedy = "SCREEN_DIR=\(workspace.path)/screen/drover"
        #expect(run.lines.contains { $0.contains("can be written by others") && $0.contains(remedy) }, "\(run.lines)")
    }

    /// `compose/edge/rfb.py`, which keeps viewers from typing.
    @Test func whatAViewerSendsIsNoInput() throws {
        let script = "\(repository)/Tests/Integration/Clients/viewonly.py"
        #expect(try shell("python3 -B '\(script)' '\(repository)/compose/edge' 2>&1") == "2000 rows, 9 refusals\n")
    }
}
