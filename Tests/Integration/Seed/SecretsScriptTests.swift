import Foundation
import Linux
import TestSupport
import Testing

/// `scripts/secrets`, into a folder of the test's own.
@Suite struct SecretsScriptTests {
    private let workspace: Workspace
    private var folder: String { "\(workspace.path)/secrets" }

    init() throws {
        workspace = try Workspace(isOpen: true)
        try shell("mkdir '\(folder)' && cp -r '\(repository)/scripts' '\(workspace.path)'")
    }

    private func command(_ arguments: String = "") -> String {
        "'\(workspace.path)/scripts/secrets' --dir '\(folder)' \(arguments)"
    }

    /// Without a terminal, as a build has none.
    private func run(_ arguments: String = "", prefix: String = "") throws -> String {
        try shell("setsid --wait \(prefix) \(command(arguments)) 2>&1")
    }

    private func secret(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    @Test func droverTakesThemAll() throws {
        _ = try run("--vnc")
        for name in ["root_password", "agents_password", "authorized_keys", "vnc_password"] {
            let status = try FileStatus(of: "\(folder)/\(name)")
            #expect(status.owner == 10001 && status.permissions == 0o600, "\(name)")
        }
        #expect(try secret("root_password").wholeMatch(of: /[a-zA-Z2-9]{20}/) != nil)
        #expect(try secret("vnc_password").utf8.count == 8)
        #expect(try secret("root_password") != secret("agents_password"))
        let check = try shell(
            """
            cd '\(folder)'; env -i PATH=/usr/bin ROOT_PASSWORD_FILE=$PWD/root_password AGENTS_PASSWORD_FILE=$PWD/agents_password \
              AUTHORIZED_KEYS_FILE=$PWD/authorized_keys ENABLE_VNC=1 VNC_PASSWORD_FILE=$PWD/vnc_password \
              QEMU_DRIVE=/none DROVER_RUNTIME_DIR='\(workspace.path)/run' '\(DroverRun.binary)' check 2>&1 || true
            """)
        #expect(check.contains("seed: password of root, password of agents, 1 key"), "\(check)")
        #expect(check.split(separator: "\n").filter { $0.hasPrefix("drover: ") }.count == 1, "\(check)")
        #expect(!check.contains("_FILE: "), "\(check)")
        try shell(
            "ssh-keygen -y -f '\(folder)/id_ed25519' | cut -d ' ' -f 1,2 | xargs -I KEY grep -qF KEY '\(folder)/authorized_keys'"
        )
    }

    /// For the users that `compose/monitoring.yaml` has.
    @Test func theMonitoringsSecretsAreForItsParts() throws {
        let said = try run("--monitoring")
        for (name, owner) in ["grafana_password": 472, "alert_url": 65534, "root_password": 10001] as [String: uid_t] {
            let status = try FileStatus(of: "\(folder)/\(name)")
            #expect(status.owner == owner && status.permissions == 0o600, "\(name)")
        }
        #expect(try secret("grafana_password").wholeMatch(of: /[a-zA-Z2-9]{20}/) != nil)
        #expect(try secret("alert_url") == "http://alerts.invalid/")
        #expect(said.contains("write the address of a webhook into \"\(folder)/alert_url\""), "\(said)")
        #expect(try !said.contains(secret("grafana_password")))
        #expect(said.hasSuffix("secrets: made for uid 10001: root_password agents_password authorized_keys\n"))
        // An address of one's own stays, and is for Alertmanager again.
        try shell("echo http://mine/ >'\(folder)/alert_url'; chown 0 '\(folder)/alert_url'")
        #expect(try run("--monitoring").contains("alert_url can be read by uid 65534 now"))
        #expect(try secret("alert_url") == "http://mine/")
    }

    @Test func whatIsThereStays() throws {
        try shell("echo mine >'\(folder)/root_password'; echo keys >'\(folder)/authorized_keys'")
        let first = try run()
        #expect(first.contains("root_password is there already and stays"), "\(first)")
        let before = try shell("cd '\(folder)' && sha256sum * && ls -l --time-style=full-iso")
        let second = try run()
        #expect(try shell("cd '\(folder)' && sha256sum * && ls -l --time-style=full-iso") == before)
        #expect(second.split(separator: "\n").allSatisfy { $0.hasSuffix("is there already and stays") }, "\(second)")
        #expect(try secret("root_password") == "mine" && secret("authorized_keys") == "keys")
    }

    @Test func whatIsThereIsGrantedToAnotherUserOrTheScriptFails() throws {
        _ = try run()
        #expect(try run("--uid 1000").contains("root_password can be read by uid 1000 now"))
        for name in ["root_password", "agents_password", "authorized_keys"] {
            #expect(try FileStatus(of: "\(folder)/\(name)").owner == 1000)
        }
        // Nobody but root may give them away.
        try shell("chown 65534 '\(folder)' && chmod 755 '\(workspace.path)' '\(folder)'")
        let failure = try shellFailure {
            try run("--uid 2000", prefix: "setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp")
        }
        #expect(failure.status == .exited(77))
        #expect(failure.output.contains("cannot be read by uid 2000"), "\(failure)")
        #expect(failure.output.contains("as root: chown 2000 "), "\(failure)")
    }

    @Test(arguments: Workspace.movers) func aSecretThatHasComeMeanwhileStays(_ mover: String) throws {
        // What makes the password that is to go there.
        let bin = try workspace.programs([
            "mv": mover, "cut": "echo mine >'\(folder)/root_password'; exec /usr/bin/cut \"$@\"",
        ])
        let failure = try shellFailure { try run(prefix: "env PATH='\(bin)':$PATH") }
        #expect(
            failure.output
                == "secrets: \"\(folder)/root_password\" has come there meanwhile and stays; run this again\n")
        #expect(failure.status == .exited(1))
        #expect(try secret("root_password") == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["root_password"])
    }

    @Test func aPasswordIsShownOnATerminalAloneAndOnce() throws {
        let silent = try run()
        #expect(try !silent.contains(secret("root_password")) && silent.contains("there is no terminal"), "\(silent)")

        try shell("rm -rf '\(folder)'")
        // What goes to the pipe is not the terminal's.
        let seen = try shell("script -qec \"\(command()) >'\(workspace.path)/piped'\" /dev/null </dev/null")
        let piped = try String(contentsOfFile: "\(workspace.path)/piped", encoding: .utf8)
        for name in ["root_password", "agents_password"] {
            let password = try secret(name)
            #expect(seen.components(separatedBy: password).count == 2, "\(seen)")
            #expect(!piped.contains(password), "\(piped)")
        }
    }

    @Test func aKeyOfOnesOwnIsCopiedAndAPrivateOneIsNot() throws {
        try shell("ssh-keygen -q -t ed25519 -N '' -f '\(workspace.path)/mine'")
        let failure = try shellFailure { try run("--key '\(workspace.path)/mine'") }
        #expect(failure.status == .exited(64) && failure.output.contains("is a private key"), "\(failure)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        _ = try run("--key '\(workspace.path)/mine.pub'")
        try shell("cmp '\(folder)/authorized_keys' '\(workspace.path)/mine.pub' && test ! -e '\(folder)/id_ed25519'")
    }

    @Test func withoutRootTheContainersUserCanStillReadThem() throws {
        let nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/tmp"
        let asContainer = "setpriv --reuid=10001 --regid=10001 --clear-groups"
        try shell("chown 65534 '\(folder)'; chmod 755 '\(workspace.path)' '\(folder)'")
        _ = try run(prefix: nobody)
        let status = try FileStatus(of: "\(folder)/root_password")
        #expect(status.owner == 65534 && status.permissions == 0o640)
        #expect(try shell("\(asContainer) cat '\(folder)/root_password'") == secret("root_password") + "\n")
        #expect(throws: ShellFailure.self) {
            try shell("setpriv --reuid=10002 --regid=10002 --clear-groups cat '\(folder)/root_password' 2>&1")
        }

        // Where there are no ACLs.
        try shell("rm '\(folder)'/*; mkdir '\(workspace.path)/bin'; ln -s /bin/false '\(workspace.path)/bin/setfacl'")
        let output = try run(prefix: "\(nobody) PATH='\(workspace.path)/bin':/usr/bin:/bin")
        #expect(output.contains("is now closed to others"), "\(output)")
        #expect(try FileStatus(of: "\(folder)/root_password").permissions == 0o644)
        #expect(try FileStatus(of: folder).permissions == 0o700)
        #expect(try FileStatus(of: "\(folder)/id_ed25519").permissions == 0o600)
    }
}
