import Foundation
import Linux
import TestSupport
import Testing

/// `compose/offsite.yaml` with the real restic: to S3's API, to a folder, by SFTP; and back on another host.
@Suite struct OffsiteTests {
    /// The whole way, as docs/backup.md has it: a host with a guest, S3, and an empty host.
    @Test func aGuestComesBackOnAnEmptyHost() throws {
        let server = try S3Server(bucket: "guests", host: Engine.address(of: 1))
        let kept = try Workspace(isOpen: false)
        var lost: OffsiteProject? = try OffsiteProject(repository: "\(server.address)/hurd", ["DISK_FILE=micro.qcow2"])
        do {
            let project = try #require(lost)
            let clone = project.clone
            try project.secret("s3", S3Server.credentials)
            try shell(
                "mv '\(clone.workspace.disk(.micro))' '\(clone.path)/disk/micro.qcow2' && chown 10001 '\(clone.path)/disk/micro.qcow2'"
            )
            try clone.compose("up --detach --no-build hurd")
            try clone.container.wait(for: "console: micro: ready", within: 400)
            func inGuest(_ command: String) throws {
                _ = try clone.login.byKey("\(clone.path)/secrets/id_ed25519", "root", command)
            }
            try inGuest("echo first >/etc/written && sync")
            try clone.compose("exec -T hurd drover backup now")
            try inGuest("echo second >/etc/written && sync")
            #expect(try clone.compose("exec -T hurd drover backup now").contains("an increment of"))

            try project.restic("init")
            let container = try project.start()
            try container.wait(for: "is in the repository: 2 backups", within: 120)
            try container.wait(for: "no errors", within: 120)
            let again = try clone.compose("exec -T offsite drover offsite now --check")
            #expect(again.contains("2 backups") && again.contains("no errors"), "\(again)")
            try Engine.wait(for: "healthy", within: 120) {
                try container.inspect("{{.State.Health.Status}}") == "healthy"
            }
            try secretsAreNowhere(project, container)
            try clone.compose("stop")
            #expect(try container.inspect("{{.State.ExitCode}}") == "0")
            try shell("cp -a '\(project.secrets)' '\(kept.path)/secrets-offsite'")
        }
        // With its disks, its backups and its keys.
        lost = nil

        // Another node, with an engine that has had no guest, and no file of the first but these.
        try shell(
            "'\(Engine.client)' save drover drover-offsite | \"$(dirname '\(Engine.client)')\"/on-node 2 docker load",
            within: 300)
        let host = try Clone(
            ["COMPOSE_FILE=compose.yaml:backup.yaml:offsite.yaml", "DISK_FILE=micro.qcow2", "BACKUP_FLOOR=1M"], on: 2)
        try shell("cp -a '\(kept.path)/secrets-offsite' '\(host.path)'")
        try host.type("scripts/secrets")
        let output = try host.type("scripts/restore-offsite", within: 600)
        print(output)
        let written = try host.login.byKey("\(host.path)/secrets/id_ed25519", "root", "cat /etc/written")
        #expect(written == "second\n", "\(output)")
        // It goes on as the same guest: the next copy is in the same repository.
        #expect(try host.compose("exec -T offsite drover offsite now").contains("2 backups"))
        #expect(try host.compose("exec -T hurd drover backup now").contains("is complete: a full one"))
        // A second time it takes what is there.
        let again = try host.type(
            "cd compose && docker compose stop hurd && cd .. && scripts/restore-offsite", within: 600)
        #expect(again.contains("has backups already"), "\(again)")
    }

    /// In no argument, no environment, no log and no description of the container, while it is at work.
    private func secretsAreNowhere(_ project: OffsiteProject, _ container: Container) throws {
        let password = try project.clone.secret("password", in: "secrets-offsite")
        try #require(password.count == 32)
        let pid = try container.inspect("{{.State.Pid}}")
        var texts = [try container.log(), try Engine.docker("inspect \(container.id)")]
        for id in [pid] + (try children(of: #require(Int32(pid))).map(String.init)) {
            texts += ["cmdline", "environ"].compactMap { try? text(of: "/proc/\(id)/\($0)") }
        }
        for secret in [password, S3Server.key, S3Server.keyID] {
            #expect(!texts.contains { $0.contains(secret) })
        }
    }

    @Test func whoIsInsideMayDoNothing() throws {
        let project = try OffsiteProject()
        try project.addBackup()
        let container = try project.start()
        let pid = try container.inspect("{{.State.Pid}}")
        let status = try text(of: "/proc/\(pid)/status")
        for line in [
            "Name:\tdrover", "Uid:\t10001\t10001\t10001\t10001", "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "NoNewPrivs:\t1", "Seccomp:\t2",
        ] {
            #expect(status.contains(line), "\(line) in \(status)")
        }
        #expect(try container.inspect("{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}") == "true [ALL]")
        for path in ["/backups/x", "/run/secrets/x", "/x"] {
            let failure = try shellFailure {
                try Engine.docker("exec \(container.id) restic generate --bash-completion \(path)")
            }
            #expect(failure.output.contains("read-only file system"), "\(failure)")
        }
        let failure = try shellFailure { try Engine.docker("exec \(container.id) sh -c true") }
        #expect(failure.output.contains("executable file not found"), "\(failure)")
        // No socket of the run's, and none of the engine's.
        #expect(try !container.inspect("{{json .Mounts}}").contains("sock"))
        let programs = try shell(
            "'\(Engine.client)' export \(container.id) | tar -t | grep -E '^(usr/)?s?bin/' | sort | tr '\\n' ' '")
        #expect(programs == "usr/bin/ usr/bin/drover usr/bin/restic usr/bin/ssh ", "\(programs)")
    }

    @Test func aFolderOfTheHostIsARepositoryAndOnlySoMuchIsKept() throws {
        let project = try OffsiteProject(["OFFSITE_KEEP=last=2", "OFFSITE_CHECK_DATA=100", "OFFSITE_SCHEDULE=every 1m"])
        let empty = try shellFailure { try project.now() }
        #expect(empty.output.contains("there is no complete backup in \"/backups\": nothing to send"), "\(empty)")
        try project.addBackup()
        try shell(
            "cd '\(project.backups)' && mkdir 20261127T100000Z.partial && touch 20261127T100000Z.partial/x .drover-fleece-disk0"
        )
        let none = try shellFailure { try project.now() }
        #expect(none.output.contains("run \"restic init\" once") && none.status == .exited(69), "\(none)")
        try project.restic("init")
        for _ in 0..<3 { try project.now() }
        let list = try project.restic("ls latest")
        #expect(
            list.contains("/backups/guest\n") && list.contains("/backups/20261127T093000Z/manifest.json\n"), "\(list)")
        for left in ["partial", "fleece", "/lock"] { #expect(!list.contains(left), "\(list)") }
        let kept = try project.restic("snapshots")
        #expect(kept.contains("2 snapshots"), "\(kept)")
        let last = try project.now("--check")
        #expect(last.contains("OFFSITE_KEEP: removed 1 of 3 snapshots"), "\(last)")
        #expect(last.contains("100% of its data read: no errors"), "\(last)")

        // Another guest's folder, such as one that was mounted by mistake.
        try shell("echo \(String(repeating: "b", count: 32)) >'\(project.backups)/guest'")
        let other = try shellFailure { try project.now() }
        #expect(other.output.contains("give each guest a repository of its own"), "\(other)")
        try shell("echo \(String(repeating: "a", count: 32)) >'\(project.backups)/guest'")

        let password = try project.clone.secret("password", in: "secrets-offsite")
        try project.secret("password", "wrong")
        let wrong = try shellFailure { try project.now() }
        #expect(
            wrong.output.contains("the password does not open the repository") && wrong.status == .exited(77),
            "\(wrong)")
        try project.secret("password", password)

        // A file of the repository that has changed.
        try shell(
            "cd '\(project.clone.path)/repository/data' && file=$(ls -S */* | head -n 1) && chmod u+w $file && printf XXXX | dd of=$file bs=1 seek=1000 conv=notrunc"
        )
        let damaged = try shellFailure { try project.now("--check") }
        #expect(damaged.output.contains("the repository has errors, or cannot be read: "), "\(damaged)")
        let container = try project.start()
        try container.wait(for: "the repository has errors", within: 180)
        let unhealthy = try shellFailure { try Engine.docker("exec \(container.id) drover offsite healthcheck") }
        #expect(
            unhealthy.output.contains("the repository has errors") && unhealthy.status == .exited(1), "\(unhealthy)")
    }

    /// A server that is not there, and a stop meanwhile.
    @Test func anUnreachableRepositoryIsToldWithARemedy() throws {
        let gateway = try Engine.docker("network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}'")
        let project = try OffsiteProject(
            repository: "s3:http://\(gateway.trimmingNewline()):\(try Listener.freePort())/guests/hurd")
        try project.secret("s3", S3Server.credentials)
        try project.addBackup()
        let container = try project.start()
        try container.wait(for: "has not answered for 120 s", within: 180)
        let log = try container.log()
        #expect(log.contains("connection refused; look at its address, the network and the access keys"), "\(log)")
        let health = try Engine.docker("exec \(container.id) drover offsite healthcheck")
        #expect(health.contains("there is no snapshot yet; the repository: "), "\(health)")
        try project.clone.compose("restart --no-deps offsite")
        let started = Instant.now()
        try project.clone.compose("stop offsite")
        #expect(Instant.now() - started < .seconds(15))
        #expect(try container.inspect("{{.State.ExitCode}}") == "0")
    }

    /// By SIGKILL, while restic writes: the repository stays good, and its lock keeps nobody out.
    @Test func aKilledOneLeavesARepositoryThatGoesOn() throws {
        let project = try OffsiteProject()
        try project.restic("init")
        try project.addBackup(size: 400_000_000)
        let container = try project.start()
        let path = "\(project.clone.path)/repository"
        try Engine.wait(for: "data in the repository", within: 60) {
            try !shell("find '\(path)/data' -type f | head -n 1").isEmpty
        }
        try Engine.docker("kill --signal KILL \(container.id)")
        #expect(try shell("ls '\(path)/snapshots' | wc -l") == "0\n")
        #expect(try shell("ls '\(path)/locks' | wc -l") == "1\n")
        try project.clone.compose("start offsite")
        try container.wait(for: "is in the repository: 1 backup", within: 180)
        try container.wait(for: "no errors", within: 180)
        #expect(try shell("ls '\(path)/locks' | wc -l") == "0\n")
    }

    /// By the ssh in the image, with a key and the host's key in files, and nothing else to ask.
    @Test func sftpNeedsAKeyAndTheHostsKey() throws {
        let workspace = try Workspace(isOpen: true)
        let port = try Listener.freePort()
        let gateway = try Engine.docker("network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}'")
            .trimmingNewline()
        let folder = workspace.path
        try shell(
            """
            cd '\(folder)' && mkdir -p /run/sshd repository && ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f key
            printf '%s\\n' 'Port \(port)' 'HostKey \(folder)/host' 'AuthorizedKeysFile \(folder)/key.pub' 'StrictModes no' \
              'UsePAM no' 'PidFile none' 'Subsystem sftp internal-sftp' 'ForceCommand internal-sftp' 'PermitRootLogin yes' >config
            """)
        let null = try Descriptor.open("/dev/null", .readWrite)
        let server = try ChildProcess(
            "/usr/sbin/sshd", ["-D", "-f", "\(folder)/config"], descriptors: [null, null, null])
        defer { withExtendedLifetime(server) {} }
        let project = try OffsiteProject(repository: "sftp://root@\(gateway):\(port)/\(folder)/repository/hurd")
        try project.addBackup()
        try project.secret("ssh_key", try text(of: "\(folder)/key").trimmingNewline())
        let unknown = try shellFailure { try project.now() }
        // restic does not always pass on what ssh has said: Host key verification failed.
        #expect(unknown.output.contains("unable to start the sftp session"), "\(unknown)")
        try project.secret(
            "known_hosts", "[\(gateway)]:\(port) " + (try text(of: "\(folder)/host.pub").trimmingNewline()))
        try project.restic("init")
        #expect(try project.now("--check").contains("no errors"))
    }

    /// rclone's server, which speaks restic's REST protocol and is none of restic's own.
    @Test func restNeedsItsPassword() throws {
        let workspace = try Workspace(isOpen: true)
        let port = try Listener.freePort()
        let gateway = try Engine.docker("network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}'")
            .trimmingNewline()
        let (user, password) = ("drover", "aVerySecretPasswordOfATest")
        let null = try Descriptor.open("/dev/null", .readWrite)
        let server = try ChildProcess(
            "/usr/bin/rclone",
            [
                "serve", "restic", "--addr", "0.0.0.0:\(port)", "--user", user, "--pass", password, workspace.path,
            ], descriptors: [null, null, null])
        defer { withExtendedLifetime(server) {} }
        // 401, once it listens.
        try shell(
            "curl --silent --retry 60 --retry-delay 1 --retry-connrefused -o '\(workspace.path)/answer' http://127.0.0.1:\(port)/",
            within: 90)
        let project = try OffsiteProject(repository: "rest:http://\(user):wrong@\(gateway):\(port)/hurd/")
        try project.addBackup()
        let refused = try shellFailure { try project.now() }
        #expect(refused.output.contains("401") && !refused.output.contains("wrong@"), "\(refused)")
        try project.secret("repository", "rest:http://\(user):\(password)@\(gateway):\(port)/hurd/")
        try project.restic("init")
        let container = try project.start()
        try container.wait(for: "is in the repository: 1 backup", within: 120)
        try container.wait(for: "no errors", within: 120)
        #expect(try shell("ls '\(workspace.path)/hurd/snapshots' | wc -l") == "1\n")
        #expect(try project.restic("check --read-data").contains("no errors were found"))
        #expect(try !container.log().contains(password))
        #expect(try !Engine.docker("inspect \(container.id)").contains(password))
    }
}
