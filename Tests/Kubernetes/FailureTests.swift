import Linux
import TestSupport
import Testing

extension ClusterTests {
    /// What goes wrong, and what the kubelet makes of it.
    @Suite struct FailureTests {
        /// A probe that fails, as soon as can be.
        private static let probes = [
            "{op: replace, path: /spec/template/spec/containers/0/livenessProbe/periodSeconds, value: 3}",
            "{op: replace, path: /spec/template/spec/containers/0/livenessProbe/timeoutSeconds, value: 3}",
            "{op: replace, path: /spec/template/spec/containers/0/livenessProbe/failureThreshold, value: 2}",
        ]

        @Test func aQEMUThatDiesOrHangsIsStartedAgain() throws {
            let deployment = try Deployment(settings: ["SHUTDOWN_TIMEOUT": "15"], changes: Self.probes)
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()

            // The kubelet and containerd come and go; the guest does not notice.
            let before = try pod.processes()
            for part in ["kubelet", "containerd"] {
                let pid = try #require(Int32(text(of: "\(Self.parts)/\(part)-n1.pid").trimmingNewline()))
                try send(.terminate, to: pid)
                try waitForEnd(of: pid)
            }
            try Cluster.wait(for: "node n1 to be ready again", within: 60) {
                let seen = try Cluster.on(1, "ctr --namespace k8s.io tasks ls || true")
                return seen.contains("RUNNING") ? nil : seen
            }
            #expect(try pod.processes() == before)
            #expect(try deployment.login().byKey(deployment.credentials.key, "root") == "root\n")

            try send(.kill, to: before.qemu)
            try pod.waitForRestarts(1)
            #expect(try pod.field("{.status.containerStatuses[0].lastState.terminated.exitCode}") == "70")
            try pod.waitUntilReady()

            try send(.stop, to: pod.processes().qemu)
            try pod.waitForRestarts(2)
            #expect(try pod.log("--previous").contains("drover: SIGTERM: stopping the guest"))
            #expect(try pod.field("{.status.containerStatuses[0].lastState.terminated.exitCode}") == "124")
            try pod.waitUntilReady()
            #expect(try pod.log().contains("console: micro: boot 3"))
        }

        private static var parts: String {
            get throws { "\(try prepared("KUBE_NODES"))/../parts" }
        }
    }
}
