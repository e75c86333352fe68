import Foundation
import TestSupport
import Testing

/// Three nodes, as `docs/scaling.md` makes them a swarm: n2 and n3 have disks, and the first is the manager. They are none any
/// longer when this goes.
final class SwarmOfNodes {
    let clone: Clone
    static let workers = [2, 3]

    init() throws {
        clone = try Clone()
        let disk = "\(clone.path)/disk/debian-hurd-amd64.qcow2"
        try shell("mkdir '\(clone.path)/disk' && mv '\(clone.workspace.disk(.micro))' '\(disk)'")
        try type(block("swarm-nodes", of: "docs/scaling.md"))
        try type(block("swarm-secrets", of: "docs/scaling.md"))
    }

    /// Where the manager is, in a clone. The nodes have no server of SSH.
    @discardableResult
    func type(_ lines: [String], _ settings: String = "", within seconds: Int = 600) throws -> String {
        let surroundings = """
            set -e
            ssh() {
              case $1 in
                n[1-9]) number=${1#n}; shift; on-node $number "$@" ;;
                *) command ssh -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR "$@" ;;
              esac
            }
            export QEMU_RAM=256 MEMORY=900m CPUS=1 \(settings)

            """
        return try clone.type(surroundings + lines.joined(separator: "\n"), within: seconds)
    }

    /// Nodes and states of what is to run, as the manager knows them: `n2 Running`.
    func tasks() throws -> [String] {
        try Engine.docker(
            "service ps --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' hurd_hurd"
        ).split(separator: "\n").map { $0.split(separator: " ").prefix(2).joined(separator: " ") }.sorted()
    }

    func wait(forTasks wanted: [String], within seconds: Int = 600) throws {
        try Engine.wait(for: "tasks \(wanted)", within: seconds) { try tasks() == wanted }
    }

    /// The one that runs on a node.
    func container(on node: Int) throws -> Container {
        let ids = try Engine.docker(
            "ps --quiet --no-trunc --filter label=com.docker.swarm.service.name=hurd_hurd", on: node
        ).split(separator: "\n")
        try #require(ids.count == 1, "\(ids)")
        return Container(id: String(ids[0]), node: node)
    }

    /// Ends a node's engine as a service manager does, and has it stay away.
    func stopEngine(on node: Int) throws {
        try Engine.run("sh -c 'touch /run/stopped; kill $(cat /run/docker.pid)'", on: node)
        try Engine.wait(for: "the end of the engine", within: 180) {
            try Engine.run("sh -c 'test -e /run/docker.pid || echo gone'", on: node) == "gone\n"
        }
    }

    func startEngine(on node: Int) throws {
        try Engine.run("rm /run/stopped", on: node)
    }

    deinit {
        _ = try? Engine.docker("stack rm hurd")
        _ = try? startEngine(on: 3)
        for node in Self.workers {
            _ = try? Engine.wait(for: "the end of the stack", within: 120) {
                try Engine.docker("ps --quiet --filter label=com.docker.stack.namespace=hurd", on: node).isEmpty
            }
            _ = try? Engine.docker("swarm leave --force", on: node)
        }
        _ = try? Engine.docker("swarm leave --force")
        for node in Self.workers {
            _ = try? Engine.docker("volume prune --all --force", on: node)
        }
    }
}
