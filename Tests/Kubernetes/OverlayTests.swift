import Foundation
import Linux
import TestSupport
import Testing

extension ClusterTests.QuietTests {
    /// What the overlays add, on guests that run.
    @Suite struct OverlayTests {
        /// The disk is a device of the node's, empty at first.
        @Test func aRawBlockClaimIsFilledAndBoots() throws {
            let deployment = try Deployment("block", disks: 0, changes: [Deployment.memory("2Gi")])
            let device = try BlockDevice(deployment)
            try deployment.apply()
            let pod = deployment.pod()
            let raw = "\(deployment.workspace.path)/disk.raw"
            try shell("qemu-img convert -O raw '\(deployment.workspace.disk(.micro))' '\(raw)'")
            let said = try pod.giveDisk(raw)
            #expect(said.contains("\"/dev/guest\": raw, "), "\(said)")
            try pod.waitUntilReady()
            let log = try pod.log()
            #expect(log.contains("guest RAM 1536 MiB (three quarters of the container's limit of 2048 MiB"), "\(log)")
            // Made anew, it leaves what is there.
            let uid = try pod.uid
            try deployment.kubectl("delete pod hurd-0")
            try pod.waitUntilReady(otherThan: uid)
            #expect(try pod.log("--container disk").contains("holds something already, and stays as it is"))
            #expect(try pod.log().contains("console: micro: boot 2"))
            withExtendedLifetime(device) {}
        }

        @Test func thePluginsDeviceIsTheUsersAndSlowHere() throws {
            let node = try prepared("KUBE_NODES") + "/n1/kubelet/device-plugins"
            let (reading, writing) = try Descriptor.pipe()
            let plugin = try ChildProcess(
                prepared("DROVER_KUBE_PYTHON"), ["\(repository)/Tests/Kubernetes/kvm-plugin.py", node],
                descriptors: [try Descriptor.open("/dev/null"), writing, writing])
            defer { withExtendedLifetime((plugin, reading)) {} }
            try Cluster.wait(for: "the resource on the node", within: 60) {
                let seen = try Cluster.kubectl("get node n1 --output 'jsonpath={.status.allocatable}'")
                return seen.contains(#""devices.kubevirt.io/kvm":"8""#) ? nil : seen
            }
            // Of the tests' own settings, tcg would not look at it.
            let deployment = try Deployment("kvm", settings: ["QEMU_ACCEL": "auto"])
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()
            let drover = try pod.processes().drover
            let device = try FileStatus(of: "/proc/\(drover)/root/dev/kvm")
            #expect(device.kind == .characterDevice && device.owner == 10001)
            let log = try pod.log()
            // As fast as the host's is; a nested one is too slow, and Drover measures that.
            #expect(log.contains("KVM"), "\(log)")
            #expect(log.contains("drover: starting QEMU: "), "\(log)")
            print(
                log.split(separator: "\n").filter { $0.contains("KVM") || $0.contains("starting QEMU") }.joined(
                    separator: "\n"))
        }

        @Test func theNodesSeccompProfileIsInForce() throws {
            let folder = try prepared("KUBE_NODES") + "/n1/kubelet/seccomp"
            try shell("mkdir -p '\(folder)' && cp '\(repository)/compose/seccomp.json' '\(folder)/drover.json'")
            let deployment = try Deployment("seccomp")
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()
            let id = try pod.field("{.status.containerStatuses[0].containerID}").split(separator: "/").last ?? ""
            let inForce = try Self.profile(
                try Cluster.on(1, "sh -c 'ctr --namespace k8s.io containers info \(id) 2>/dev/null'"), in: deployment)
            let ours = try Self.profile(text(of: "\(repository)/compose/seccomp.json"), in: deployment)
            #expect(inForce == ours && ours.hasPrefix("SCMP_ACT_ERRNO "), "\(inForce) \(ours)")
            for pid in [try pod.processes().drover, try pod.processes().qemu] {
                #expect(try status(of: pid)["Seccomp"] == "2")
            }
        }

        /// What it does by default, and how many calls it has a rule for.
        private static func profile(_ json: String, in deployment: Deployment) throws -> String {
            let file = "\(deployment.workspace.path)/profile.json"
            try json.write(toFile: file, atomically: true, encoding: .utf8)
            return try shell(
                """
                python3 - '\(file)' 2>&1 <<'END'
                import json, sys
                found = json.load(open(sys.argv[1]))
                profile = found["Spec"]["linux"]["seccomp"] if "Spec" in found else found
                print(profile["defaultAction"], len({n for s in profile["syscalls"] for n in s["names"]}))
                END
                """)
        }

        /// Backups on a claim of their own, by order, and their copy in S3 by the CronJob.
        @Test func aBackupIsMadeAndSentElsewhere() throws {
            let server = try S3Server(bucket: "guests", host: "192.168.77.1")
            let deployment = try Deployment("offsite", backups: true, settings: ["BACKUP_FLOOR": "1M"])
            try deployment.offsiteSecrets(repository: "\(server.address)/hurd", S3Server.credentials)
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()
            let made = try deployment.kubectl("exec hurd-0 --container drover -- /usr/bin/drover backup now")
            #expect(made.contains("is complete: a full one"), "\(made)")
            try deployment.applyInit()
            try deployment.waitForJob("hurd-offsite-init")
            try deployment.kubectl("create job copy --from=cronjob/hurd-offsite")
            try deployment.waitForJob("copy")
            let log = try deployment.kubectl("logs job/copy")
            #expect(log.contains("is in the repository: 1 backup"), "\(log)")
            let schedule = try deployment.kubectl("exec hurd-0 --container drover -- /usr/bin/drover backup list")
            #expect(schedule.contains("full"), "\(schedule)")
        }

        /// What a real Prometheus makes of the pod's annotations.
        @Test func prometheusFindsThePod() throws {
            let deployment = try Deployment("monitoring")
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()
            let prometheus = try Prometheus(scraping: pod, deployment.workspace)
            for (query, value) in [("up", "1"), ("qemu_up", "1"), ("drover_ready", "1")] {
                try prometheus.wait(for: #"\#(query){namespace="\#(deployment.namespace)",instance="hurd-0"}"#, value)
            }
            let (drover, _) = try pod.processes()
            #expect(try listeningPorts(of: drover) == [2222, 9177])
        }

        /// Whether it is started again is the setting's.
        @Test func aGuestThatPowersItselfOff() throws {
            let deployment = try Deployment { workspace, disk in
                try workspace.runAtBoot(
                    "#!/bin/sh\n[ -e /state/second ] || { : >/state/second; sync; poweroff -f; }\n", on: disk)
            }
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitForRestarts(1)
            let status = try pod.field("{.status.containerStatuses[0].lastState}")
            #expect(status.contains(#""exitCode":0"#), "\(status)")
            try pod.waitUntilReady()
            #expect(try pod.log().contains("console: micro: boot 2"))
        }

        @Test func aGuestThatPowersItselfOffWaitsIfThatIsWanted() throws {
            let deployment = try Deployment(settings: ["AFTER_POWEROFF": "wait"]) { workspace, disk in
                try workspace.runAtBoot(
                    "#!/bin/sh\n[ -e /state/second ] || { : >/state/second; sync; poweroff -f; }\n", on: disk)
            }
            try deployment.apply()
            let pod = deployment.pod()
            try pod.wait(for: "boot it again: drover start", within: 240)
            func drover(_ command: String) throws -> String {
                try deployment.kubectl("exec hurd-0 --container drover -- /usr/bin/drover \(command)")
            }
            #expect(try drover("healthcheck --live").contains("live: PID 1 answers; the guest has powered itself off"))
            #expect(try shellFailure { try drover("healthcheck") }.output.contains("not ready: the guest has powered"))
            #expect(try pod.field("{.status.containerStatuses[0].ready}") == "false")
            let said = try drover("start")
            #expect(said.hasPrefix("the guest is running, QEMU's pid is "), "\(said)")
            try pod.waitUntilReady()
            #expect(try pod.log().contains("console: micro: boot 2"))
            #expect(try pod.field("{.status.containerStatuses[0].restartCount}") == "0")
        }
    }
}
