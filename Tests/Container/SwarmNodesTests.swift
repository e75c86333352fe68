import Foundation
import TestSupport
import Testing

extension SwarmTests {
    /// What `docs/scaling.md` says of Swarm, on three nodes.
    @Suite struct NodeTests {
        /// A guest a node, with `swarm.global.yaml`: from nothing, through an update that fails, to a node that goes away.
        @Test func aGuestStaysOnItsNode() throws {
            let swarm = try SwarmOfNodes()
            try swarm.type(block("swarm-disks", of: "docs/scaling.md"))
            try swarm.type(block("swarm-deploy", of: "docs/scaling.md"), "METRICS_LISTEN=0.0.0.0:9177")
            #expect(try swarm.tasks() == ["n2 Running", "n3 Running"])
            let first = try SwarmOfNodes.workers.map { try swarm.container(on: $0) }
            for container in first { #expect(try container.log().contains("console: micro: boot 1")) }

            // By name, with the secret's key.
            let named = try swarm.type(block("swarm-ssh", of: "docs/scaling.md"))
            #expect(named.hasSuffix("hurd-n2\n"), "\(named)")
            #expect(
                try swarm.type(["ssh -F guests.ssh -i secrets/id_ed25519 root@hurd-n3 hostname"]).hasSuffix("hurd-n3\n")
            )
            // On the manager, of both nodes.
            let log = try Engine.docker("service logs hurd_hurd")
            for node in ["n2", "n3"] {
                #expect(log.contains(try Regex("@\(node) .*drover: the guest runs")), "\(log)")
                #expect(log.contains(try Regex("@\(node) .*console: micro: ready")), "\(log)")
            }
            try expectOneReachesTheOther(first[1], first[0])

            let after = try expectAnUpdateThatFailsIsTakenBack(swarm, from: first)
            try expectANodeComesBack(swarm, from: after)
        }

        /// Over the network of the stack, from one node to another.
        private func expectOneReachesTheOther(_ here: Container, _ there: Container) throws {
            let address = try there.inspect("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")
            let pid = try here.inspect("{{.State.Pid}}")
            let metrics = try shell(
                "nsenter --target \(pid) --net curl -sS --max-time 20 http://\(address):9177/metrics")
            #expect(metrics.contains("drover_start_time_seconds"))
        }

        /// - Returns: the containers after it.
        private func expectAnUpdateThatFailsIsTakenBack(_ swarm: SwarmOfNodes, from first: [Container]) throws
            -> [Container]
        {
            defer { _ = try? Engine.docker("image rm --force drover:2") }
            // Ends at once, as a version that cannot run here does.
            try swarm.type([
                "c=$(docker create drover)",
                "docker commit --change 'ENTRYPOINT [\"/usr/bin/qemu-img\"]' $c drover:2", "docker rm $c",
            ])
            let said = try swarm.type(block("swarm-update", of: "docs/scaling.md"))
            #expect(said.contains("rollback: update rolled back") && said.hasSuffix("drover:latest\n"), "\(said)")
            try swarm.wait(forTasks: ["n2 Running", "n3 Running"])
            let after = try SwarmOfNodes.workers.map { try swarm.container(on: $0) }
            // One at a time, so that the other has noticed nothing.
            let renewed = zip(first, after).filter { $0.id != $1.id }
            #expect(renewed.count == 1)
            for (before, now) in renewed {
                try expectCleanStop(of: before)
                #expect(try now.log().contains("console: micro: boot 2"))
                #expect(try now.inspect("{{.Image}}") == before.inspect("{{.Image}}"))
            }
            return after
        }

        private func expectANodeComesBack(_ swarm: SwarmOfNodes, from before: [Container]) throws {
            let boot = try before[1].log().contains("console: micro: boot 2") ? 2 : 1
            try swarm.stopEngine(on: 3)
            try Engine.wait(for: "n3 to be down", within: 300) {
                try Engine.docker("node ls --format '{{.Hostname}} {{.Status}}'").contains("n3 Down")
            }
            // Its guest goes nowhere else.
            #expect(try swarm.tasks() == ["n2 Running"])
            // Why the page has a node drained first: an engine that stops has ten seconds for a container without it.
            #expect(try !before[0].inspect("{{json .Config}}").contains("StopTimeout"))
            try swarm.startEngine(on: 3)
            try swarm.wait(forTasks: ["n2 Running", "n3 Running"])
            #expect(try swarm.container(on: 2).id == before[0].id)
            #expect(try swarm.container(on: 3).log().contains("console: micro: boot \(boot + 1)"))
        }

        /// `swarm.yaml` alone: the manager puts a task where it likes, and the volume of its name is another one there.
        @Test func aTaskThatMovesHasNoDisk() throws {
            let swarm = try SwarmOfNodes()
            let page = "docs/scaling.md"
            try swarm.type(
                block("swarm-disks", of: page).map {
                    $0.replacing("n2 n3", with: "n2").replacing("hurd_hurd:", with: "hurd-1:")
                })
            let availability = try block("swarm-drain", of: page)
            try #require(availability.count == 2 && availability[0].contains("drain n3"))
            try swarm.type([availability[0]])
            try swarm.type(
                block("swarm-deploy", of: page).map { $0.replacing(" -c compose/swarm.global.yaml", with: "") })
            #expect(try swarm.tasks() == ["n2 Running"])
            let first = try swarm.container(on: 2)

            try swarm.type([availability[1], availability[0].replacing("n3", with: "n2")])
            try Engine.wait(for: "a task that fails on n3", within: 300) {
                try Engine.docker("service ps --format '{{.Node}} {{.CurrentState}} {{.Error}}' hurd_hurd")
                    .contains(/n3 Failed .*non-zero exit \(69\)/)
            }
            try expectCleanStop(of: first)
            #expect(try first.log().contains("console: micro: boot 1"))
            let log = try Engine.docker("service logs hurd_hurd")
            #expect(
                log.contains(/@n3 .*drover: QEMU_DRIVE: .*debian-hurd-amd64.qcow2/),
                "\(log)")

            try swarm.type([availability[1].replacing("n3", with: "n2"), availability[0]])
            try swarm.wait(forTasks: ["n2 Running"])
            #expect(try swarm.container(on: 2).log().contains("console: micro: boot 2"))
        }

        private func expectCleanStop(of container: Container) throws {
            #expect(try container.inspect("{{.State.Status}} {{.State.ExitCode}}") == "exited 0")
            #expect(try container.log().contains(/drover: stopped cleanly by rung [12]/))
        }
    }
}
