import Foundation
import TestSupport
import Testing

/// The image under Podman, as root and as a user, beside `scripts/dev/with-podman`.
@Suite struct PodmanTests {
    /// What a user types in there, with the guest micro as `guest/disk.qcow2` and secrets, all of them the user's.
    private final class Session {
        let workspace: Workspace
        let login: GuestLogin
        let credentials: Credentials
        private let user: String
        private let home: String

        init(user: String, home: String) throws {
            workspace = try Workspace(isOpen: false)
            credentials = try Credentials(workspace)
            login = GuestLogin(port: try Listener.freePort(), workspace: workspace)
            (self.user, self.home) = (user, home)
            let path = workspace.path
            let disk = try workspace.disk(.micro)
            // The repository may be closed to the user.
            try shell(
                """
                \(try prepared("INSIDE")) sh -euc '
                mkdir -p \(home)/guest \(home)/secrets && cd \(home)
                cp "\(disk)" guest/disk.qcow2; cp "\(path)/root" secrets/root_password
                cp "\(path)/user" secrets/agents_password; cp "\(path)/keys" secrets/authorized_keys
                cp -r "\(repository)/compose" . ; cp "\(try prepared("DROVER_IMAGE_TAR"))" image.tar
                chown -R \(user):\(user) . && chmod 600 secrets/*'
                """)
            try type(
                """
                podman load -q -i image.tar
                \(try block("podman", of: "docs/podman.md").dropFirst().joined(separator: "\n"))
                """)
        }

        @discardableResult
        func type(_ script: String, within seconds: Int = 180) throws -> String {
            let file = "\(workspace.path)/script"
            try "cd \(home)\n\(script)\n".write(toFile: file, atomically: true, encoding: .utf8)
            let become = user == "0" ? "" : "setpriv --reuid \(user) --regid \(user) --clear-groups "
            return try shell(
                "\(prepared("INSIDE")) \(become)env HOME='\(home)' XDG_RUNTIME_DIR=/run/user/\(user) sh -eu <'\(file)' 2>&1",
                within: seconds)
        }

        /// Until the guest has answered, by the container's own health check: no systemd calls it here.
        func waitUntilHealthy(_ container: String) throws {
            try type(
                "for i in $(seq 90); do podman healthcheck run \(container) && exit; sleep 1; done; exit 1", within: 300
            )
        }

        deinit {
            _ = try? type("podman rm --force --all --time 0")
        }
    }

    @Test func rootRunsItWithSecretsOnAReadOnlyRoot() throws {
        let session = try Session(user: "0", home: "/root/first")
        try session.type(
            """
            chown -R 10001:10001 guest
            podman run -d --name guest --cgroup-parent drover-test --user 10001:10001 --read-only --read-only-tmpfs=false \
              --tmpfs /run:mode=1777,size=16m --tmpfs /tmp:mode=1777,size=64m --cap-drop all --ipc none \
              --security-opt no-new-privileges --security-opt seccomp=compose/seccomp.json --memory 900m --stop-timeout 120 \
              -e QEMU_DRIVE=/opt/hurd-image/disk.qcow2 -e QEMU_RAM=256 -p 127.0.0.1:\(session.login.port):2222 \
              -v ./guest:/opt/hurd-image --secret root_password,uid=10001,mode=0400 \
              --secret authorized_keys,uid=10001,mode=0400 localhost/drover
            """)
        try session.waitUntilHealthy("guest")
        #expect(try session.login.byPassword(session.credentials.rootPassword, "root") == "root\n")
        try session.type("podman stop guest")
        #expect(try session.type("podman inspect guest --format '{{.State.ExitCode}}'") == "0\n")
        #expect(try session.type("podman logs guest").contains("drover: stopped cleanly by rung 2"))
    }

    /// What systemd would run, as Podman's generator makes it of the unit.
    @Test func aUserRunsTheQuadletUnit() throws {
        let session = try Session(user: "1000", home: "/home/guest")
        let unit = try session.type(
            """
            mkdir -p .config/containers/systemd
            sed 's/127.0.0.1:2222/127.0.0.1:\(session.login.port)/; s/^PublishPort=.*8080$//; s/=2G/=256/' \
              compose/podman/drover.container >.config/containers/systemd/drover.container
            cp compose/seccomp.json .config/containers/systemd/
            /usr/lib/systemd/system-generators/podman-system-generator --user --dryrun
            """)
        // What systemd puts in; and it has a control group for the container.
        let command = { (name: String) throws -> String in
            let line = try #require(unit.components(separatedBy: "\n").first { $0.hasPrefix("\(name)=") }, "\(unit)")
            return String(line.dropFirst(name.count + 1)).replacing("%t", with: "/run/user/1000")
                .replacing("%N", with: "drover").replacing("%h", with: "/home/guest")
                .replacing("%E", with: "/home/guest/.config").replacing("--cgroups=split ", with: "")
        }
        try session.type(command("ExecStart"))
        let settings = "{{.Config.Healthcheck.Test}} {{.Config.StopTimeout}} {{.HostConfig.ReadonlyRootfs}}"
        #expect(
            try session.type("podman inspect drover --format '\(settings)'")
                == "[CMD /usr/bin/drover healthcheck] 120 true\n")
        try session.waitUntilHealthy("drover")
        #expect(try session.login.byKey(session.credentials.key, "agents") == "agents\n")
        // Which removes the container, and its log with it: 0 is a clean stop.
        try session.type(command("ExecStop"))
        let exits = "podman events --stream=false --since 10m --filter event=died --format '{{.ContainerExitCode}}'"
        #expect(try session.type(exits) == "0\n")

        // The same user's next: by podman-compose.
        try session.type(
            """
            mv guest disk; cd compose
            SSH_PORT=\(session.login.port) HTTP_PORT=\(try Listener.freePort()) podman-compose -f podman.yaml up -d
            """)
        try session.waitUntilHealthy("compose_drover_1")
        #expect(try session.login.byPassword(session.credentials.userPassword, "agents") == "agents\n")
        try session.type("cd compose; podman-compose -f podman.yaml stop")
        #expect(try session.type("podman inspect compose_drover_1 --format '{{.State.ExitCode}}'") == "0\n")
        #expect(try session.type("podman logs compose_drover_1").contains("drover: stopped cleanly by rung 2"))
    }
}
