import Foundation
import Linux
import TestSupport
import Testing

/// `compose/swarm.yaml` on a swarm of one node.
@Suite(.serialized) struct SwarmTests {
    @Test func aStackGivesEachTaskItsDiskAndUpdatesItCleanly() throws {
        let swarm = try Swarm()
        try swarm.deploy()
        try Engine.wait(for: "the console in the service's log", within: 180) {
            try swarm.log().contains("console: micro: ready")
        }
        try swarm.waitForRunningTasks(1)

        try Engine.docker("service scale --detach hurd_hurd=2")
        try swarm.waitForRunningTasks(2)
        let volumes = try swarm.containers().map { try $0.inspect("{{range .Mounts}}{{.Name}}{{end}}") }
        #expect(volumes.sorted() == ["hurd-1", "hurd-2"])
        for container in try swarm.containers() {
            try container.wait(for: "console: micro: boot 1")
            try container.wait(for: "console: micro: ready")
        }
        // Each of them is reached by the port that it has of the node, which the manager knows.
        for line in try Engine.docker(
            "service ps --filter desired-state=running --format '{{.Name}} {{.Ports}}' hurd_hurd"
        )
        .split(separator: "\n") {
            let task = try #require(
                line.wholeMatch(of: /hurd_hurd\.([12]) .*\*:([0-9]+)->2222\/tcp.*/)?.output, "\(line)")
            let login = GuestLogin(port: try #require(UInt16(task.2)), workspace: swarm.workspace)
            #expect(
                try login.byPassword(swarm.credentials.rootPassword, "root", "hostname") == "hurd-\(task.1)\n")
        }

        let before = try swarm.containers()
        try Engine.docker("service update --env-add GUEST_HOSTNAME=renewed hurd_hurd", within: 300)
        for container in before {
            #expect(try container.inspect("{{.State.Status}} {{.State.ExitCode}}") == "exited 0")
            #expect(try container.log().contains("drover: stopped cleanly"))
        }
        for container in try swarm.containers() {
            try container.wait(for: "console: micro: boot 2")
            try container.wait(for: "console: renewed login:")
        }
    }

    /// As docs/monitoring.md has it.
    @Test func prometheusFollowsTheTasksOfAStack() throws {
        let swarm = try Swarm()
        try swarm.deploy("METRICS_LISTEN=0.0.0.0:9177")
        let prometheus = Prometheus(port: try Listener.freePort(), workspace: swarm.workspace)
        let compose =
            "compose --project-name watch-\(prometheus.port) \(composeFiles(["monitoring.yaml", "monitoring.swarm.yaml"]))"
        let port = "PROMETHEUS_PORT=\(prometheus.port)"
        defer { _ = try? Engine.docker("\(compose) down --volumes --timeout 0", port) }
        try Engine.docker("\(compose) --progress quiet up --detach --no-build prometheus", port)
        for tasks in [1, 2] {
            try Engine.docker("service scale --detach hurd_hurd=\(tasks)")
            // It has no name before it is healthy.
            try swarm.waitForRunningTasks(tasks)
            try Engine.wait(for: "\(tasks) targets that answer", within: 120) {
                (try? prometheus.value(#"count(up{job="drover"} == 1)"#)) == Double(tasks)
            }
        }
        #expect(Set(try prometheus.query("drover_start_time_seconds").map { $0.labels["instance"] }).count == 2)
    }

    @Test func aVolumeThatIsFilledStaysAsItIs() throws {
        let workspace = try Workspace()
        let volume = "test-\(workspace.path.suffix(8).lowercased())"
        defer { _ = try? Engine.docker("volume rm \(volume)") }
        for size in ["8M", "16M"] {
            let disk = "\(workspace.path)/\(size).qcow2"
            try shell("qemu-img create -q -f qcow2 '\(disk)' \(size) && chmod 644 '\(disk)'")
            try Swarm.fill(volume, with: disk)
        }
        let info = try Engine.docker(
            "run --rm --entrypoint qemu-img --volume \(volume):/opt/hurd-image drover info /opt/hurd-image/micro.qcow2")
        #expect(info.contains("virtual size: 8 MiB"), "\(info)")
    }
}

/// The engine as a swarm with the secrets and two disks; no longer a swarm when this goes.
private final class Swarm {
    let workspace: Workspace
    let credentials: Credentials

    init() throws {
        workspace = try Workspace()
        credentials = try Credentials(workspace)
        try Engine.docker("swarm init --advertise-addr 127.0.0.1")
        let node = try Engine.docker("node ls --quiet").trimmingNewline()
        try Engine.docker("node update --label-add drover.disks=true \(node)")
        let files = ["root_password": "root", "agents_password": "user", "authorized_keys": "keys"]
        for (secret, file) in files {
            try Engine.docker("secret create \(secret) '\(workspace.path)/\(file)'")
        }
        let disk = try workspace.disk(.micro)
        try shell("chmod 644 '\(disk)'")
        for slot in 1...2 {
            try Self.fill("hurd-\(slot)", with: disk)
        }
    }

    /// As docs/container.md says it: a disk that is there already stays.
    static func fill(_ volume: String, with disk: String) throws {
        let image =
            "'\(try Engine.client)' run --rm --entrypoint qemu-img --volume \(volume):/opt/hurd-image "
            + "--volume '\(disk):/from.qcow2:ro' drover"
        let target = "/opt/hurd-image/micro.qcow2"
        try shell("\(image) info -U \(target) || \(image) convert -f qcow2 -O qcow2 /from.qcow2 \(target)")
    }

    func deploy(_ settings: String = "") throws {
        // One node cannot give one port to two tasks: 0 lets it choose.
        try Engine.docker(
            "stack deploy --detach --resolve-image never --compose-file '\(repository)/compose/swarm.yaml' hurd",
            "DISK_FILE=micro.qcow2 QEMU_RAM=256 MEMORY=900m CPUS=1 SSH_PORT=0 HTTP_PORT=0 \(settings)")
    }

    func log() throws -> String {
        try Engine.docker("service logs --raw hurd_hurd")
    }

    /// Those that run now.
    func containers() throws -> [Container] {
        try Engine.docker("ps --quiet --no-trunc --filter label=com.docker.swarm.service.name=hurd_hurd")
            .split(separator: "\n").map { Container(id: String($0)) }
    }

    /// A task runs when it is healthy.
    func waitForRunningTasks(_ count: Int) throws {
        try Engine.wait(for: "\(count) running tasks", within: 300) {
            let states = try Engine.docker(
                "service ps --filter desired-state=running --format '{{.CurrentState}}' hurd_hurd")
            return states.split(separator: "\n").filter { $0.hasPrefix("Running") }.count == count
        }
    }

    deinit {
        _ = try? Engine.docker("stack rm hurd")
        _ = try? Engine.wait(for: "the end of the stack", within: 120) { try containers().isEmpty }
        _ = try? Engine.docker("swarm leave --force")
        _ = try? Engine.docker("volume rm hurd-1 hurd-2")
    }
}
