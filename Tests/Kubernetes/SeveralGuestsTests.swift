import TestSupport
import Testing

extension ClusterTests.NodeTests {
    /// Several guests, and nodes that are emptied.
    @Suite struct SeveralGuestsTests {
        @Test func guestsAreAddedMovedOffUpdatedAndTakenAwayCleanly() throws {
            let deployment = try Deployment(disks: 2, from: 2)
            try deployment.apply()
            let pods = [deployment.pod(0), deployment.pod(1)]
            try pods[0].waitUntilReady()
            try deployment.kubectl("scale statefulset hurd --replicas 2")
            try pods[1].waitUntilReady()
            for number in 0...1 {
                let name = try deployment.login(number).byKey(deployment.credentials.key, "root", "hostname")
                #expect(name == "hurd-\(number)\n")
                #expect(try pods[number].field("{.spec.nodeName}") == "n\(number + 2)")
            }

            // A node is emptied, and its guest waits for it: its disk is there.
            let uids = try pods.map { try $0.uid }
            try expectCleanStop(of: pods[1]) {
                try Cluster.kubectl("drain n3 --delete-emptydir-data --timeout=120s", within: 150)
            }
            // The budget is used up.
            let refusal = try shellFailure { try Cluster.kubectl("drain n2 --delete-emptydir-data --timeout=3s") }
            #expect(refusal.output.contains("Cannot evict pod as it would violate the pod's disruption budget"))
            try Cluster.kubectl("uncordon n2 n3")
            try pods[1].waitUntilReady(otherThan: uids[1])
            #expect(try pods[1].log().contains("console: micro: boot 2"))
            #expect(try pods[0].uid == uids[0])

            // An update takes the last first, and waits for it.
            let drained = try pods[1].uid
            try expectCleanStop(of: pods[1]) {
                try expectCleanStop(of: pods[0]) {
                    try deployment.kubectl("set env statefulset hurd LOG_LEVEL=debug")
                    try deployment.kubectl("rollout status statefulset hurd --timeout 300s", within: 310)
                }
            }
            try pods[0].waitUntilReady(otherThan: uids[0])
            try pods[1].waitUntilReady(otherThan: drained)
            #expect(try pods[0].log().contains("console: micro: boot 2"))
            #expect(try pods[1].log().contains("console: micro: boot 3"))

            try expectCleanStop(of: pods[1]) {
                try deployment.kubectl("scale statefulset hurd --replicas 1")
                try deployment.kubectl("wait --for=delete pod/hurd-1 --timeout=60s")
            }
        }

        private func expectCleanStop(of pod: Pod, _ body: () throws -> Void) throws {
            let (client, log) = try pod.followLog()
            defer { withExtendedLifetime(client) {} }
            try body()
            let text = String(decoding: try log.readToEnd(within: 60), as: UTF8.self)
            #expect(text.contains(/drover: stopped cleanly by rung [12]/), "\(pod.name): \(text)")
        }
    }
}
