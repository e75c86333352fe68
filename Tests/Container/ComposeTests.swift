import Glibc
import Linux
import TestSupport
import Testing

/// The compose file with a real guest: how it starts, is stopped, breaks and comes back.
@Suite struct ComposeTests {
    @Test func aGuestBootsAndPowersOffWhenItIsStopped() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        #expect(try project.login.byPassword(project.credentials.rootPassword, "root") == "root\n")
        #expect(try project.login.byKey(project.credentials.key, "agents") == "agents\n")

        try project.compose("stop")
        #expect(try container.inspect("{{.State.Status}} {{.State.ExitCode}}") == "exited 0")
        #expect(try container.log().contains("drover: stopped cleanly by rung "))
        try shell("'\(repository)/Tests/Guests/state' '\(project.disk)' check >&2")
    }

    /// As systemd's for a control group, and some runtimes'.
    @Test func aSignalToEveryProcessIsACleanStop() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        let (drover, qemu) = try container.processes()
        for pid in [drover, qemu, drover, qemu] { try send(.terminate, to: pid) }
        #expect(try container.waitForExit(within: 120) == 0)
        #expect(try container.log().contains("drover: stopped cleanly by rung "))
        try shell("'\(repository)/Tests/Guests/state' '\(project.disk)' check >&2")
    }

    @Test func aGuestStartsAgainAfterItsContainerWasKilled() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        try Engine.docker("kill --signal KILL \(container.id)")
        #expect(try container.waitForExit(within: 60) == 137)
        try project.compose("start")
        try container.wait(for: "console: micro: boot 2")
    }

    @Test func aKilledQEMUEndsTheContainerAndThePolicyStartsItAgain() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        try send(.kill, to: container.processes().qemu)
        try container.wait(for: "console: micro: boot 2")
        #expect(try container.inspect("{{.RestartCount}}") == "1")
        let exits = "events --since 1 --until 0s --filter container=\(container.id) --filter event=die"
        #expect(try Engine.docker("\(exits) --format '{{index .Actor.Attributes \"exitCode\"}}'") == "70\n")
    }

    @Test func aGuestThatPowersItselfOffStaysOff() throws {
        let project = try ComposeProject()
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        // The login may end with the guest.
        _ = try? project.login.byPassword(project.credentials.rootPassword, "root", "poweroff")
        #expect(try container.waitForExit(within: 60) == 0)
        #expect(try container.inspect("{{.State.Status}} {{.RestartCount}}") == "exited 0")
    }

    @Test func theGuestBecomesHealthyAndItsMonitorAnswers() throws {
        let project = try ComposeProject()
        let container = try project.up()
        #expect(try container.inspect("{{.State.Health.Status}}") == "starting")
        try Engine.wait(for: "healthy", within: 240) {
            try container.inspect("{{.State.Health.Status}}") == "healthy"
        }
        let status = try Engine.docker("exec \(container.id) drover monitor info status")
        #expect(status.contains("VM status: running"))
    }

    @Test func anotherUserRunsItWhenTheFilesAreTheirs() throws {
        let project = try ComposeProject(owner: "12345:23456", ["DROVER_USER": "12345:23456"])
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        #expect(try project.login.byPassword(project.credentials.userPassword, "agents") == "agents\n")
    }

    /// As docs/backup.md has it.
    @Test func theGuestIsBackedUpAndRestored() throws {
        let project = try ComposeProject(overlays: ["backup.yaml"], ["BACKUP_FLOOR": "1M", "MEMORY": "1200m"])
        let folder = "\(project.workspace.path)/backups"
        try shell(
            "install -d -o 10001 -g 10001 '\(folder)' && echo 'BACKUP_DIR=\(folder)' >>'\(project.workspace.path)/env'")
        let container = try project.up()
        try container.wait(for: "console: micro: ready")
        func asRoot(_ command: String) throws -> String {
            try project.login.byPassword(project.credentials.rootPassword, "root", command)
        }
        _ = try asRoot("echo before >/etc/written && sync")
        let first = try project.compose("exec -T hurd /usr/bin/drover backup now")
        #expect(first.contains("is complete: a full one (it is the first); 1 disk"), "\(first)")
        _ = try asRoot("echo after >/etc/written && sync")
        let second = try project.compose("exec -T hurd /usr/bin/drover backup now --label after")
        #expect(second.contains("is complete: an increment of"), "\(second)")
        let tested = try project.compose("exec -T hurd /usr/bin/drover backup test")
        #expect(tested.contains(#"has passed its test: the console has shown "login:""#), "\(tested)")
        #expect(try shell("cat '\(folder)'/*/test.json").contains(#""qemuVersion" : "10.0."#))
        let verified = try project.compose("exec -T hurd /usr/bin/drover backup verify --all")
        try project.compose("stop")
        #expect(try container.inspect("{{.State.ExitCode}}") == "0")
        let id = try shell("ls '\(folder)' | grep Z | head -n 1").trimmingNewline()
        let restored = try project.compose("run --rm --no-TTY hurd restore \(id)")
        print(verified, restored)
        #expect(try shell("ls '\(project.workspace.path)/disk'").contains("micro.qcow2.before-restore-"), "\(restored)")
        // A new container, whose log begins anew.
        try project.compose("rm --force")
        let again = try project.up()
        try again.wait(for: "console: micro: ready")
        #expect(try asRoot("cat /etc/written") == "before\n")
        let third = try project.compose("exec -T hurd /usr/bin/drover backup now")
        #expect(third.contains("a full one (what has changed on disk0 since"), "\(third)")
    }

    @Test func theScreenIsSeenThroughThePublishedPort() throws {
        let project = try ComposeProject(overlays: ["vnc.yaml"])
        let container = try project.up()
        try container.wait(for: "drover: the guest runs")
        #expect(try container.inspect("{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}") == "10001:10001 true")
        #expect(try Engine.docker("port \(container.id) 5900/tcp") == "127.0.0.1:5900\n")

        let viewer = VNCViewer(workspace: project.workspace)
        let failure = try shellFailure { try viewer.snapshot("wrong") }
        #expect(failure.output.contains("VNC authentication failed"), "\(failure)")
        let output = try viewer.snapshot(project.vncPassword)
        #expect(output.contains("VNC authentication succeeded"), "\(output)")
        #expect(try viewer.hasPicture)

        // A file in the container could not be fetched.
        let file = "\(project.workspace.path)/screen.png"
        try Engine.docker("exec \(container.id) drover screenshot - >'\(file)'")
        #expect(try readFile(file, limit: 1 << 22).starts(with: [0x89] + "PNG\r\n".utf8))
    }

    @Test(arguments: [
        ("12345:23456", #"compose: user: "12345:23456""#),
        ("0:0", "as root on the host: chown 10001:10001"),
    ])
    func aDiskOfSomebodyElseIsRefusedWithTheRemedy(_ owner: String, _ remedy: String) throws {
        let project = try ComposeProject(owner: owner)
        do {
            let output = try project.compose("run --rm --no-TTY hurd")
            Issue.record("it ran: \(output)")
        } catch let failure as ShellFailure {
            #expect(failure.status == .exited(77))
            #expect(failure.output.contains("QEMU_DRIVE"))
            #expect(failure.output.contains(remedy), "\(failure.output)")
        }
    }
}
