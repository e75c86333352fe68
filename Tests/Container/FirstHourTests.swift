import Foundation
import Linux
import TestSupport
import Testing

/// From a clone to a guest, as a new user goes, and what they stumble over.
@Suite struct FirstHourTests {
    @Test func whatIsMissingIsNamedWithTheCommandThatMakesIt() throws {
        let clone = try Clone()
        let failure = try shellFailure { try clone.type("scripts/up") }
        #expect(failure.status == .exited(66))
        #expect(
            failure.output.contains(
                "up: missing: the disk \"\(clone.path)/disk/debian-hurd-amd64.qcow2\"; scripts/up --hurd"))
        #expect(
            failure.output.contains("up: missing: the secret \"\(clone.path)/secrets/root_password\"; scripts/secrets"))
        #expect(failure.output.contains("secrets/authorized_keys"))
    }

    /// One command from a disk to a login; again, it changes nothing; moved secrets and more ports make the container anew.
    @Test func aDiskOfOnesOwnComesUpByOneCommand() throws {
        let port = try Listener.freePort()
        let clone = try Clone(["PORT_1=\(port)", "QEMU_STORGE=sata"])
        let disk = try clone.workspace.disk(.micro, named: "mine.qcow2")
        let said = try clone.type("scripts/up --disk '\(disk)'")
        for line in [
            "+ mkdir -p disk", "+ echo DISK_FILE=mine.qcow2 >> compose/.env", "+ scripts/secrets --uid 10001",
            "+ cd compose", "+ docker compose up -d --wait --wait-timeout 900", "up: the guest is ready; in compose/: ",
        ] {
            #expect(said.contains(line), "\(line) is not in:\n\(said)")
        }
        #expect(try clone.login.byPassword(clone.secret("root_password"), "root") == "root\n")
        #expect(try clone.login.byKey("\(clone.path)/secrets/id_ed25519", "agents") == "agents\n")
        let first = try clone.container
        #expect(try first.log().contains("warning: QEMU_STORGE: unknown variable; did you mean QEMU_STORAGE?"))
        #expect(try Engine.docker("port \(first.id) \(port)/tcp") == "127.0.0.1:\(port)\n")
        #expect(try Engine.docker("exec \(first.id) drover status").contains(":\(port) -> guest port \(port), tcp"))

        let settings = try text(of: "\(clone.path)/compose/.env")
        #expect(try clone.type("scripts/up --disk '\(disk)'").contains("up: the guest is ready"))
        #expect(try text(of: "\(clone.path)/compose/.env") == settings)
        #expect(try clone.container.id == first.id)

        try clone.type("scripts/secrets --dir other && echo SECRETS_DIR=../other >>compose/.env && scripts/up")
        #expect(try clone.container.id != first.id)
        #expect(try clone.login.byPassword(clone.secret("root_password", in: "other"), "root") == "root\n")
        try clone.workspace.runsCleanDown(clone)
    }

    /// The container is the user's, and nobody's owner changes. In the engine's own place, as it has a client that needs no root.
    @Test func withoutRootTheContainerRunsAsItsUser() throws {
        let workspace = try Workspace(isOpen: false)
        let credentials = try Credentials(workspace)
        let login = GuestLogin(port: try Listener.freePort(), workspace: workspace)
        let inside = "'\(try prepared("INSIDE"))'"
        let place = "/tmp/\(UUID().uuidString)"
        let lines = [
            "COMPOSE_PROJECT_NAME=own-\(UUID().uuidString.prefix(8).lowercased())", "SSH_PORT=\(login.port)",
            "HTTP_PORT=\(try Listener.freePort())", "QEMU_RAM=256", "MEMORY=900m", "CPUS=1",
        ]
        try shell(
            """
            \(inside) sh -euc 'mkdir \(place); cd "\(repository)"; cp -r scripts compose secrets \(place)
            cp "\(workspace.disk(.micro))" "\(workspace.path)/keys" \(place); cd \(place)
            printf "%s\\n" \(lines.joined(separator: " ")) >compose/.env
            chown -R 1000:1000 .; chmod 666 /run/docker.sock'
            """)
        let type = { (command: String) in
            try shell(
                "\(inside) setpriv --reuid 1000 --regid 1000 --clear-groups env HOME=\(place) sh -c 'cd \(place) && \(command)' 2>&1",
                within: 300)
        }
        defer { _ = try? type("cd compose && docker compose down --timeout 0") }
        let said = try type("scripts/up --disk disk.qcow2 --key keys")
        #expect(said.contains("+ echo DROVER_USER=1000:1000 >> compose/.env"), "\(said)")
        #expect(try login.byKey(credentials.key, "root") == "root\n")
        #expect(try type("stat -c %u:%a disk/disk.qcow2 secrets/root_password") == "1000:600\n1000:600\n")
    }

    /// As far as GNU Mach: the stand-in for Debian's image has no servers.
    @Test func theHurdComesUpByOneCommand() throws {
        let clone = try Clone(["READY_CHECK=console:GNU Mach"])
        let web = "\(clone.workspace.path)/web"
        try shell(
            "mkdir '\(web)' && cd '\(web)' && qemu-img convert -O raw '\(Guest.hurdStandIn.disk)' hurd.img && tar -S -czf hurd.tar.gz hurd.img"
        )
        let port = try Listener.freePort()
        let null = try Descriptor.open("/dev/null", [.readWrite])
        let server = try ChildProcess(
            "/usr/bin/python3", ["-m", "http.server", "\(port)", "--bind", "127.0.0.1", "--directory", web],
            descriptors: [null, null, null])
        defer { withExtendedLifetime(server) {} }
        let address = "http://127.0.0.1:\(port)/hurd.tar.gz"
        try shell("curl -fsS --retry 60 --retry-delay 1 --retry-connrefused -o '\(web)/checked' \(address)")
        let said = try clone.type(
            "HURD_IMAGE_URL=\(address) HURD_IMAGE_SHA512=$(sha512sum <'\(web)/checked' | cut -c 1-128) scripts/up --hurd"
        )
        for line in [
            "+ scripts/hurd-image --uid 10001 disk/debian-hurd-amd64.qcow2", "+ scripts/secrets --uid 10001",
            "up: the guest is ready",
        ] {
            #expect(said.contains(line), "\(line) is not in:\n\(said)")
        }
        #expect(try clone.container.log().contains("console: GNU Mach 1.8"))
        let again = try clone.type("scripts/up --hurd")
        #expect(again.contains("the disk is there already and stays as it is"), "\(again)")
    }

    /// Overlays are chosen in one place, and every command has them.
    @Test func overlaysAreChosenInTheEnvironmentFile() throws {
        let clone = try Clone()
        let disk = try clone.workspace.disk(.micro)
        let said = try clone.type("scripts/up --disk '\(disk)' --vnc")
        #expect(said.contains("COMPOSE_FILE=compose.yaml:vnc.yaml >> compose/.env"), "\(said)")
        let first = try clone.container
        #expect(try Engine.docker("port \(first.id) 5900/tcp") == "127.0.0.1:5900\n")
        try clone.compose("up -d --wait")
        #expect(try clone.container.id == first.id)
    }

    /// Each remedy of a message, run as it stands, is followed by a guest that runs.
    @Test func remediesNameTheHostsFilesAndWork() throws {
        let clone = try Clone()
        let disk = try clone.workspace.disk(.micro)
        try clone.type(
            """
            mkdir disk && cp '\(disk)' disk/debian-hurd-amd64.qcow2 && chmod 600 disk/* && scripts/secrets
            chown 0:0 secrets/* && chmod 644 secrets/root_password && chmod 600 secrets/agents_password
            """)
        let place = "on the host, in the folder of compose.yaml: "
        var remedies = 0
        // In the order in which Drover finds out.
        for _ in 0..<4 {
            let output = try clone.type("docker compose run --rm --no-TTY hurd check || true", in: "compose")
            let lines = Set(output.split(separator: "\n").filter { $0.contains(place) })
            if lines.isEmpty { break }
            for line in lines {
                let command = try #require(line.components(separatedBy: place).last)
                #expect(!command.contains("/run/secrets") && !command.contains("/opt/hurd-image"), "\(line)")
                try clone.type(command, in: "compose")
                remedies += 1
            }
        }
        #expect(remedies >= 3, "\(remedies)")
        try clone.compose("up -d --wait")
        #expect(try !clone.container.log().contains("can be read by everybody"))
        #expect(try clone.login.byPassword(clone.secret("root_password"), "root") == "root\n")
    }

    @Test func anEmptySecretIsToldInComposesTerms() throws {
        let clone = try Clone()
        let disk = try clone.workspace.disk(.micro)
        try clone.type(
            """
            mkdir disk && cp '\(disk)' disk/debian-hurd-amd64.qcow2 && chown -R 10001 disk && scripts/secrets
            : >secrets/root_password; rm secrets/agents_password
            """)
        try clone.type("touch secrets/agents_password && chown 10001 secrets/*")
        let said = try clone.type("docker compose run --rm --no-TTY hurd check || true", in: "compose")
        let remedy = "is empty; fill \"../secrets/root_password\" on the host, or take it out of the service's secrets"
        #expect(said.contains(remedy), "\(said)")

        // Neither password has a file.
        try clone.type("rm secrets/*_password; echo COMPOSE_FILE=compose.yaml:key-only.yaml >>compose/.env; scripts/up")
        #expect(try clone.login.byKey("\(clone.path)/secrets/id_ed25519", "root") == "root\n")
        #expect(try clone.container.log().contains("seed: 1 key"))
        // And the other way about.
        try clone.type(
            """
            scripts/secrets && rm secrets/authorized_keys && sed -i s/key-only/password-only/ compose/.env && scripts/up
            """)
        #expect(try clone.login.byPassword(clone.secret("root_password"), "root") == "root\n")
    }

    /// From an empty disk to the first login, by a medium whose menu starts by itself.
    @Test func aSystemIsInstalledFromAMedium() throws {
        let clone = try Clone()
        let iso = "\(clone.workspace.path)/netinst.iso"
        try shell("'\(repository)/Tests/Guests/installer' '\(clone.workspace.disk(.micro))' '\(iso)' 1", within: 120)
        let said = try clone.type("scripts/up --iso '\(iso)' --size 1G", within: 600)
        for line in try block("iso", of: "docs/guests.md").map({ $0.replacing("20G", with: "1G") }) {
            #expect(said.contains("+ echo \(line) >> compose/.env"), "\(line) is not in:\n\(said)")
        }
        let container = try clone.container
        let log = try container.log()
        for line in [
            "drover: made \"/opt/hurd-image/installed.qcow2\", an empty disk: 1024 MiB (CREATE_DISK)",
            "console: installer: done",
            "console: micro: boot 1",
        ] {
            #expect(log.contains(line), "\(line) is not in:\n\(log.suffix(4000))")
        }
        let status = try FileStatus(of: "\(clone.path)/disk/installed.qcow2")
        #expect(status.permissions == 0o600 && status.owner == 10001)
        #expect(try clone.login.byPassword(clone.secret("root_password"), "root") == "root\n")
    }

    /// The installer's menu hears no power button, and nothing is lost.
    @Test func aStopAtABootMenuTakesSeconds() throws {
        let clone = try Clone(["CREATE_DISK=1", "DISK_SIZE=1G", "QEMU_CDROM=/opt/hurd-image/netinst.iso"])
        try clone.type("mkdir disk && scripts/secrets && chown 10001 disk")
        try shell(
            "'\(repository)/Tests/Guests/installer' '\(clone.workspace.disk(.micro))' '\(clone.path)/disk/netinst.iso'",
            within: 120)
        try clone.compose("up -d")
        let container = try clone.container
        try Engine.wait(for: "the whole menu", within: 120) {
            let screen = try Engine.docker("exec \(container.id) drover screen || true")
            return screen.contains("Rescue mode") && screen.contains("keys to select which entry is highlighted")
        }
        let before = Instant.now()
        try clone.compose("stop")
        #expect(Instant.now() - before < .seconds(40))
        #expect(try container.inspect("{{.State.ExitCode}}") == "0")
        #expect(try container.log().contains("the screen shows GRUB's menu: no system runs that could lose anything"))
    }
}

extension Workspace {
    /// Ends a guest as its user would, so that its disk can be looked at.
    func runsCleanDown(_ clone: Clone) throws {
        try clone.compose("stop")
        #expect(try clone.container.inspect("{{.State.ExitCode}}") == "0")
    }
}
