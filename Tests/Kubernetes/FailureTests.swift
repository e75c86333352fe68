import Linux
import TestSupport
import Testing

extension ClusterTests.NodeTests {
    /// What goes wrong, and what the kubelet makes of it.
    @Suite struct FailureTests {
        /// A probe that fails, as soon as can be.
        private static let probes = [
            "{op: replace, path: /spec/template/spec/containers/0/livenessProbe/periodSeconds, value: 3}",
            "{op: replace, path: /spec/template/spec/containers/0/livenessProbe/timeoutSeconds, value: 3}",
            "{op: replace, path: /spec/template/spec/containers/0/livenessProbe/failureThreshold, value: 2}",
        ]

        @Test func aQEMUThatDiesOrHangsIsStartedAgain() throws {
            let deployment = try Deployment(from: 2, settings: ["SHUTDOWN_TIMEOUT": "15"], changes: Self.probes)
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()

            // The kubelet and containerd come and go; the guest does not notice.
            let before = try pod.processes()
            for part in ["kubelet", "containerd"] {
                let pid = try #require(Int32(text(of: "\(Self.parts)/\(part)-n2.pid").trimmingNewline()))
                try send(.terminate, to: pid)
                try waitForEnd(of: pid)
            }
            try Cluster.wait(for: "node n2 to be ready again", within: 60) {
                let seen = try Cluster.on(2, "ctr --namespace k8s.io tasks ls || true")
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
            // The kubelet knows a little later where the log of the one before is.
            try Cluster.wait(for: "the log of the one that hung", within: 30) {
                let seen = (try? pod.log("--previous")) ?? "none"
                return seen.contains("drover: SIGTERM: stopping the guest") ? nil : seen
            }
            #expect(try pod.field("{.status.containerStatuses[0].lastState.terminated.exitCode}") == "124")
            try pod.waitUntilReady()
            #expect(try pod.log().contains("console: micro: boot 3"))
        }

        /// The kubelet kills what has not come down in time, and the guest finds out as after a power cut.
        @Test func aGracePeriodThatIsTooShortIsAPowerCut() throws {
            let deployment = try Deployment(
                from: 2, settings: ["SHUTDOWN_TIMEOUT": "60"],
                changes: Self.probes + [
                    "{op: replace, path: /spec/template/spec/terminationGracePeriodSeconds, value: 4}"
                ])
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()
            #expect(
                try pod.log().contains("a stop takes 60 s at the most; the runtime's grace period must exceed that"))
            let key = deployment.credentials.key
            _ = try deployment.login().byKey(key, "root", "echo kept >/state/kept; sync; echo lost >/state/lost")

            // It hears no power button any more.
            try send(.stop, to: pod.processes().qemu)
            try pod.waitForRestarts(1)
            #expect(try pod.field("{.status.containerStatuses[0].lastState.terminated.exitCode}") == "137")
            try pod.waitUntilReady()
            #expect(try pod.log().contains("console: micro: boot 2"))
            #expect(try deployment.login().byKey(key, "root", "cat /state/kept") == "kept\n")
            #expect(try deployment.login().byKey(key, "root", "dmesg").contains("recovery complete"))
        }

        @Test func aClaimThatIsFullPausesTheGuestUntilThereIsRoom() throws {
            let deployment = try Deployment(from: 2) { workspace, disk in
                try workspace.runAtBoot(
                    "#!/bin/sh\n(sleep 1; dd if=/dev/urandom of=/state/fill bs=1M count=24; sync; echo written) &\n",
                    on: disk)
            }
            // 8 MiB for the guest to write to.
            let folder = "/data/\(deployment.namespace)-0"
            let size = try FileStatus(of: deployment.disk(0)).size / 1024 + 16384
            try Cluster.on(
                2,
                """
                sh -euc 'mv \(folder) \(folder).old; mkdir \(folder); mount -t tmpfs -o size=\(size)k none \(folder)
                  cp \(folder).old/disk.qcow2 \(folder); rm -r \(folder).old; fallocate -l 8M \(folder)/ballast'
                """)
            try deployment.apply()
            let pod = deployment.pod()
            try pod.wait(
                for: "the guest is paused: make room, then let it go on: drover monitor cont", within: 240)
            try Cluster.on(2, "sh -euc 'rm \(folder)/ballast; mount -o remount,size=200m \(folder)'")
            try deployment.kubectl("exec hurd-0 --container drover -- /usr/bin/drover monitor cont")
            try pod.wait(for: "console: written")
        }

        private static var parts: String {
            get throws { "\(try prepared("KUBE_NODES"))/../parts" }
        }
    }
}
