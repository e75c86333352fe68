import Foundation
import Linux
import TestSupport
import Testing

/// `drover provision` on the consoles of real guests.
@Suite struct ProvisionTests {
    /// A guest that knows nothing of Drover and has no password: from there on it is like any other.
    @Test func secretsOpenAPristineGuest() throws {
        var scenario = try CredentialScenario(.pristine)
        try scenario.run()
    }

    /// The same without a serial console.
    @Test func secretsOpenAGuestThatHasAScreenAlone() throws {
        var scenario = try CredentialScenario(.pristine, onScreen: true)
        try scenario.run()
    }

    /// Every character of it, at a prompt that shows none.
    @Test func aPasswordIsTypedWhereNobodySeesIt() throws {
        let workspace = try Workspace()
        let disk = try workspace.disk(.pristine)
        try workspace.boot(.pristine, from: disk, replacing: "console=ttyS0,115200", with: "console=tty0")
        let password = "S3cret {|}~^`\\'\" \(UUID().uuidString)"
        let files = ["right": password, "wrong": "not \(password)", "foreign": "\(password)ä"]
        for (name, text) in files {
            try text.write(toFile: "\(workspace.path)/\(name)", atomically: true, encoding: .utf8)
        }
        try setRootsPassword(on: disk, fromFile: "\(workspace.path)/right")
        let run = try DroverRun(["run"], workspace.variables(disk: disk, ["SEED": "on"]))
        try run.wait(for: "the guest runs", within: 60)
        try waitForScreen(showing: "pristine: ready", workspace, within: 400)
        let cases: [(file: String?, status: Int32, end: String)] = [
            ("foreign", 64, "--password-file: a character there has no key on a US keyboard; nothing was typed"),
            (nil, 1, "it wants a password; give --password-file FILE"),
            ("wrong", 1, "the password is not right, or root may not log in here"),
            ("right", 0, "the guest agent answers"),
        ]
        for (file, status, end) in cases {
            let options = file.map { ["--password-file", "\(workspace.path)/\($0)"] } ?? []
            let client = try provision(workspace, ["--screen"] + options)
            #expect(try client.waitForExit(within: 400) == .exited(status), "\(client.lines)")
            #expect(client.lines.last?.contains(end) == true, "\(client.lines)")
            let screen = try drover("screen", workspace).output
            for text in client.lines + [screen] { #expect(!text.contains(password)) }
        }
        #expect(!run.lines.contains { $0.contains("S3cret") || $0.hasPrefix("console: ") }, "\(run.lines)")
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
    }

    /// In the second partition, which follows the 32 MiB of the first.
    private func setRootsPassword(on disk: String, fromFile file: String) throws {
        let (raw, shadow) = (shellQuoted("\(disk).raw"), shellQuoted("\(file).shadow"))
        try shell(
            """
            printf 'root:%s:19675:0:99999:7:::\\n' "$(openssl passwd -6 -stdin < \(shellQuoted(file)))" > \(shadow)
            qemu-img convert -O raw \(shellQuoted(disk)) \(raw)
            printf 'rm /etc/shadow\\nwrite %s /etc/shadow\\nsif /etc/shadow mode 0100600\\n' \(shadow) |
              debugfs -w -f - \(shellQuoted("\(disk).raw?offset=\(33 << 20)"))
            qemu-img convert -O qcow2 \(raw) \(shellQuoted(disk))
            """)
    }

    /// A guest that is asked to stop while it still boots: nothing but its agent brings it down, and that is not there yet.
    @Test func anAgentThatAppearsDuringAStopIsAsked() throws {
        let workspace = try Workspace()
        let variables = workspace.variables(
            disk: try workspace.disk(.pristine), ["SEED": "on", "SHUTDOWN_TIMEOUT": "600"])
        let first = try DroverRun(["run"], variables)
        try first.wait(for: "pristine: ready", within: 400)
        let client = try provision(workspace)
        #expect(try client.waitForExit(within: 400) == .exited(0), "\(client.lines)")
        try first.signal(.terminate)
        #expect(try first.waitForExit(within: 200) == .exited(0))

        let second = try DroverRun(["run"], variables)
        try second.wait(for: "the guest runs", within: 60)
        try second.signal(.terminate)
        #expect(try second.waitForExit(within: 400) == .exited(0))
        #expect(second.lines.last?.contains("stopped cleanly by rung 1 (guest agent)") == true, "\(second.lines)")
    }

    @Test func withoutASeedNothingIsLeftBehind() throws {
        let workspace = try Workspace()
        let run = try DroverRun(["run"], workspace.variables(disk: try workspace.disk(.pristine), ["SEED": "off"]))
        try run.wait(for: "pristine: ready", within: 400)
        for _ in 1...2 {
            let client = try provision(workspace)
            #expect(try client.waitForExit(within: 400) == .exited(1), "\(client.lines)")
            #expect(client.lines.contains("logged out"), "\(client.lines)")
            #expect(client.lines.last?.hasPrefix("drover: the guest finds no seed CD with the kit; ") == true)
            // The screenful before it shows why.
            #expect(client.lines.contains { $0.hasPrefix("  | ") && $0.contains("findfs") }, "\(client.lines)")
        }
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    /// `micro` has root's password from the seed, and no perl for the agent.
    @Test func aPasswordOpensTheConsoleAndIsNotShown() throws {
        let workspace = try Workspace()
        let credentials = try Credentials(workspace)
        let variables = credentials.variables(only: ["root"])
        let run = try DroverRun(["run"], workspace.variables(disk: try workspace.disk(.micro), variables))
        try run.wait(for: "micro: ready", within: 400)
        let wrong = "\(workspace.path)/wrong"
        try shell("echo 'not the password' > '\(wrong)'")
        let cases: [([String], String)] = [
            ([], "it wants a password; give --password-file FILE"),
            (["--password-file", wrong], "the password is not right, or root may not log in here"),
            (
                ["--password-file", "\(workspace.path)/root"],
                "drover-kit: installed in part: there is no /usr/bin/perl, so the agent does not run"
            ),
        ]
        for (options, end) in cases {
            let client = try provision(workspace, options)
            #expect(try client.waitForExit(within: 400) == .exited(1), "\(client.lines)")
            #expect(client.lines.last?.contains(end) == true, "\(client.lines)")
            #expect(client.lines.contains { $0.hasPrefix("  | ") })
            #expect(!client.lines.contains { $0.contains(credentials.rootPassword) })
        }
        #expect(!run.lines.contains { $0.contains(credentials.rootPassword) || $0.contains("not the password") })
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
    }

    @Test func aGuestThatSaysNothingMeetsTheDeadline() throws {
        let workspace = try Workspace()
        let run = try workspace.standInRun(["--say", "no prompt\n"])
        try run.wait(for: "console: no prompt", within: 30)
        let client = try provision(workspace, ["--timeout", "10"])
        #expect(try client.waitForExit(within: 120) == .exited(75), "\(client.lines)")
        #expect(client.lines.contains("  | no prompt"))
        #expect(client.lines.last?.hasPrefix("drover: no login prompt came") == true)
        try run.signal(.quit)
        try run.waitForExit(within: 60)
    }

    @Test func withoutARunThereIsNothingToProvision() throws {
        let workspace = try Workspace()
        let client = try provision(workspace)
        #expect(try client.waitForExit(within: 30) == .exited(69))
        let rehearsal = try provision(workspace, ["--dry-run", "--user", "toor"])
        #expect(try rehearsal.waitForExit(within: 30) == .exited(0))
        #expect(rehearsal.lines.contains("types   toor, and at \"login> \" login toor"))
    }

    private func provision(_ workspace: Workspace, _ options: [String] = []) throws -> DroverRun {
        try DroverRun(["provision"] + options, ["DROVER_RUNTIME_DIR": "\(workspace.path)/run"])
    }
}
