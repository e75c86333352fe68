import Glibc
import Linux
import TestSupport
import Testing

/// From secret files to logins, in a guest whose seed is applied by the guest kit.
@Suite struct CredentialTests {
    @Test func secretsOpenTheGuest() throws {
        var scenario = try CredentialScenario(.micro)
        try scenario.run()
    }
}

/// What a backup has the kit's agent do.
@Suite struct ReadOnlyRootTests {
    @Test func theRootIsReadOnlyForAMomentWhateverBecomesOfTheAgent() throws {
        var scenario = try CredentialScenario(.pristine)
        try scenario.runWithReadOnlyRoot()
    }
}

/// The same with the real cloud-init. Under TCG each start takes a minute or more.
@Suite struct DebianTests {
    @Test func secretsOpenTheGuest() throws {
        var scenario = try CredentialScenario(.debian)
        try scenario.run()
    }

    @Test func rootsPasswordAloneIsEnough() throws {
        try CredentialScenario(.debian).runWithRootsPasswordOnly()
    }

    @Test func aSilentAgentOnTheSerialPortIsFoundAtTheStop() throws {
        try CredentialScenario(.debian).runWithAgentOnSerialPort()
    }
}

/// What an owner does: start, log in, restart, change the secrets, start again.
struct CredentialScenario {
    private let guest: Guest
    /// The guest's console is its screen and keyboard; its serial port is silent.
    private let isOnScreen: Bool
    private let workspace: Workspace
    private let credentials: Credentials
    private let disk: String
    private let login: GuestLogin
    private var isProvisioned = false

    init(_ guest: Guest, onScreen: Bool = false) throws {
        (self.guest, isOnScreen) = (guest, onScreen)
        workspace = try Workspace()
        credentials = try Credentials(workspace)
        disk = try workspace.disk(guest)
        try shell("mkdir '\(workspace.path)/backups'")
        login = GuestLogin(port: try Listener.freePort(), workspace: workspace)
        if onScreen { try workspace.boot(guest, from: disk, replacing: "console=ttyS0,115200", with: "console=tty0") }
    }

    mutating func run() throws {
        let first = try start()
        if guest == .pristine { try provision() }
        try everyCredentialWorks()
        #expect(try login.byKey(credentials.key, "root", "hostname") == "testhost\n")
        let hostKey = try login.hostKey()
        #expect(!hostKey.isEmpty)
        let hashes = try hashesInForce()
        try expectNoLeaks(first, hashes)
        try stop(first)

        let second = try start()
        #expect(try login.hostKey() == hostKey)
        #expect(try hashesInForce() == hashes)
        try stop(second)

        let (oldKey, oldRoot, oldUser) = (credentials.key, credentials.rootPassword, credentials.userPassword)
        try credentials.renew()
        let third = try start()
        try everyCredentialWorks()
        for (user, password) in [("root", oldRoot), ("agents", oldUser)] {
            try login.mustRefuse { try login.byKey(oldKey, user) }
            try login.mustRefuse { try login.byPassword(password, user) }
        }
        try stop(third)
        if !isOnScreen { try serialLoginWorks(notWith: oldRoot) }
    }

    func runWithRootsPasswordOnly() throws {
        let run = try start(only: ["root"])
        #expect(try login.byPassword(credentials.rootPassword, "root") == "root\n")
        try login.mustRefuse { try login.byKey(credentials.key, "root") }
        // Neither ours nor the distribution's own.
        #expect(try login.byPassword(credentials.rootPassword, "root", "ls /home") == "")
        try agentSetsAPassword(run)
        try agentFreezes()
        try stop(run)
        try agentProvesTheBackup()
    }

    /// The stock qemu-ga says nothing unasked: it is asked ahead of the power button.
    func runWithAgentOnSerialPort() throws {
        let run = try start(only: ["root", "keys"])
        try run.wait(for: "the guest agent answers", within: 300)
        _ = try login.byKey(
            credentials.key, "root",
            """
            systemctl stop qemu-guest-agent && systemd-run --quiet qemu-ga -m isa-serial -p /dev/ttyS1 &&
              until ls -l /proc/$(pgrep -n qemu-ga)/fd 2>/dev/null | grep -q ttyS1; do sleep 0.1; done
            """)
        try run.wait(for: "the guest agent has gone", within: 60)
        #expect(try drover("status", workspace).output.contains("agent:        silent"))
        try stop(run)
    }

    /// The guest has the stock qemu-ga, which starts when its virtio port is there.
    private func agentSetsAPassword(_ run: DroverRun) throws {
        try run.wait(for: "the guest agent answers", within: 300)
        #expect(try drover("guest ping", workspace).status == 0)
        let (status, output) = try drover("healthcheck", workspace)
        #expect(status == 0 && output.contains("guest-ping"), "\(output)")
        #expect(try drover("guest info", workspace).output.contains("guest-set-user-password"))
        let setting = try drover("guest set-password root", workspace, input: "by the agent\n")
        #expect(setting.status == 0, "\(setting.output)")
        #expect(try login.byPassword("by the agent", "root") == "root\n")
        try login.mustRefuse { try login.byPassword(credentials.rootPassword, "root") }
    }

    /// Backups freeze the guest by the stock qemu-ga.
    private func agentFreezes() throws {
        let (status, output) = try drover("backup now --json", workspace, within: 300)
        #expect(status == 0 && output.contains("frozen-by-agent"), "\(output)")
        #expect(try login.byPassword("by the agent", "root", "touch /written && rm /written && echo yes") == "yes\n")
    }

    /// Nothing else can, for the guest writes no such line.
    private func agentProvesTheBackup() throws {
        let variables = workspace.variables(
            disk: disk, ["BACKUP_DIR": "\(workspace.path)/backups", "READY_CHECK": "console:a line of no guest's"])
        let command = try DroverRun(["backup", "test"], variables)
        #expect(try command.waitForExit(within: 960) == .exited(0), "\(command.lines)")
        #expect(
            command.lines.last?.contains("has passed its test: the guest's agent has answered") == true,
            "\(command.lines)")
    }

    /// Backups make the guest's root read-only by the kit's agent, as on a Hurd, whose fsysopts is played by mount here.
    mutating func runWithReadOnlyRoot() throws {
        let run = try start()
        try provision()
        func asRoot(_ command: String) throws -> String { try login.byKey(credentials.key, "root", command) }
        _ = try asRoot(
            """
            cat >/usr/sbin/fsysopts <<\\END
            #!/bin/sh
            case $2 in
            --readonly) mount -o remount,ro / && { [ ! -e /run/hang ] || kill -STOP $(pidof perl); } ;;
            *) mount -o remount,rw / ;;
            esac
            END
            chmod 755 /usr/sbin/fsysopts
            """)
        let good = try drover("backup now --json", workspace, within: 300)
        #expect(
            good.status == 0 && good.output.contains("read-only-by-agent"), "\(good.output)\n\(run.lines.suffix(9))")
        #expect(try asRoot("touch /written && echo yes") == "yes\n")

        // An agent that stops between the freeze and the thaw: it is told, and undone as soon as it answers.
        _ = try asRoot("touch /run/hang; (sleep 40; rm /run/hang; kill -CONT $(pidof perl)) >/dev/null 2>&1 &")
        let began = Instant.now()
        let bad = try DroverRun(["backup", "now"], ["DROVER_RUNTIME_DIR": "\(workspace.path)/run"])
        try run.wait(for: "what it may have frozen is thawed now", within: 60)
        print("an agent that stopped was told of after \((Instant.now() - began).brief)")
        try run.wait(for: "the guest's file systems may still be frozen", within: 60)
        #expect(try bad.waitForExit(within: 60) != .exited(0), "\(bad.lines)")
        try run.wait(for: "is undone: the guest's file systems were frozen", within: 200)
        #expect(try asRoot("touch /written && echo yes") == "yes\n")
        try stop(run)
    }

    // MARK: Steps

    private func start(only names: [String] = ["root", "user", "keys"]) throws -> DroverRun {
        let variables = [
            "QEMU_NET": "e1000", "QEMU_PORTS": "127.0.0.1:\(login.port):22", "GUEST_HOSTNAME": "testhost",
            "QEMU_RAM": "512", "BACKUP_DIR": "\(workspace.path)/backups",
        ].merging(credentials.variables(only: names)) { $1 }
        let run = try DroverRun(["run"], workspace.variables(disk: disk, variables))
        let ready = "\(guest.rawValue): ready"
        if isOnScreen {
            try run.wait(for: "the guest runs", within: 60)
            try waitForScreen(showing: ready, workspace, within: 400)
        } else {
            try run.wait(for: ready, within: 400)
        }
        // The kit applies the seed after that, and before it starts the agent.
        if isProvisioned { try run.wait(for: "the guest agent answers", within: 200) }
        return run
    }

    private func stop(_ run: DroverRun) throws {
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 120) == .exited(0))
        if guest == .debian || isProvisioned {
            #expect(
                run.lines.last?.contains("stopped cleanly by rung 1 (guest agent)") == true, "\(run.lines.suffix(5))")
        }
    }

    private func client(_ arguments: [String]) throws -> [String] {
        let client = try DroverRun(arguments, ["DROVER_RUNTIME_DIR": "\(workspace.path)/run"])
        #expect(try client.waitForExit(within: 400) == .exited(0), "\(client.lines)")
        return client.lines
    }

    /// Once, and once more: there is nothing left to do then.
    private mutating func provision() throws {
        let words = ["provision"] + (isOnScreen ? ["--screen"] : [])
        let lines = try client(words)
        #expect(lines.suffix(3) == ["drover-kit: installed", "logged out", "the guest agent answers"])
        isProvisioned = true
        let state = try kitInGuest()
        #expect(state.contains("inittab"))
        #expect(try client(words) == ["the guest agent answers already: nothing to do"])
        let stateAfter = try kitInGuest()
        #expect(stateAfter == state, "before:\n\(state)\nafter:\n\(stateAfter)")
        #expect(try client(["guest", "ping"]).first?.hasPrefix("the guest agent answered in") == true)
    }

    /// Every file that an installation writes, and when it did.
    private func kitInGuest() throws -> String {
        try login.byKey(
            credentials.key, "root",
            "ls -l --full-time /etc/inittab /usr/local/lib/drover && md5sum /etc/inittab /usr/local/lib/drover/*; ls /tmp; mount"
        )
    }

    private func everyCredentialWorks() throws {
        for (user, password) in [("root", credentials.rootPassword), ("agents", credentials.userPassword)] {
            #expect(try login.byKey(credentials.key, user) == "\(user)\n")
            #expect(try login.byPassword(password, user) == "\(user)\n")
            try login.mustRefuse { try login.byPassword("wrong", user) }
        }
        try login.mustRefuse { try login.byPassword(credentials.userPassword, "root") }
    }

    /// Of root and the user, as the guest has them.
    private func hashesInForce() throws -> [String] {
        let shadow = try login.byKey(credentials.key, "root", "cat /etc/shadow").split(separator: "\n")
        let fields = shadow.map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        let hashes = fields.filter { ["root", "agents"].contains($0[0]) }.map { String($0[1]) }
        #expect(hashes.count == 2 && hashes.allSatisfy { $0.hasPrefix("$6$") })
        return hashes
    }

    private func expectNoLeaks(_ run: DroverRun, _ hashes: [String]) throws {
        let scan = LeakScan(secrets: hashes + [credentials.rootPassword, credentials.userPassword])
        #expect(try scan.findings(run, runtimeDirectory: "\(workspace.path)/run") == [])
        let screen = try drover("screen", workspace).output
        #expect(scan.secrets.filter(screen.contains) == [])
        if isOnScreen { #expect(!run.lines.contains { $0.hasPrefix("console: ") }) }
        // A program that root runs may look, so that a bug which leaves a password behind is seen.
        if getuid() == 0 {
            let passwords = LeakScan(secrets: [credentials.rootPassword, credentials.userPassword])
            #expect(try passwords.findings(inMemoryOf: run.pid) == [])
        }
        for pid in [run.pid, try run.qemuPID()] {
            let limits = String(decoding: try readFile("/proc/\(pid)/limits", limit: 1 << 16), as: UTF8.self)
            #expect(limits.contains(#/Max core file size +[01] +[01] +bytes/#))
        }
    }

    private func serialLoginWorks(notWith oldPassword: String) throws {
        let seed = "\(workspace.path)/seed.iso"
        let variables = credentials.variables().merging(["GUEST_HOSTNAME": "testhost"]) { $1 }
        let writing = try DroverRun(["seed", "-o", seed], variables)
        #expect(try writing.waitForExit(within: 20) == .exited(0), "\(writing.lines)")
        let console = try SerialLogin(disk: disk, seed: seed)
        try console.wait(for: "\(guest.rawValue): ready", within: 400)
        // The prompt may have come before that line, and been overwritten by it.
        try console.type("")
        try console.wait(for: "login:", within: 60)
        try console.isRefused(password: oldPassword)
        try console.logIn(password: credentials.rootPassword)
    }
}
