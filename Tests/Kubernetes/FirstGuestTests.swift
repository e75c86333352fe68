import TestSupport
import Testing

extension ClusterTests.QuietTests {
    /// From a namespace that is not there to a guest, and its end.
    @Suite struct FirstGuestTests {
        @Test func theSecretsKeyOpensAGuestThatMayDoNothing() throws {
            // Volumes are those of the cluster, with nothing in them.
            let deployment = try Deployment(disks: 0)
            try deployment.apply()
            let pod = deployment.pod()
            try pod.giveDisk(deployment.workspace.disk(.micro))
            try pod.waitUntilReady()

            // By the container's limit, of which there is too little for three quarters.
            let memory = try pod.log().firstMatch(
                of: /guest RAM (\d+) MiB \(what the container's limit of 700 MiB .* leaves beside QEMU\)/)
            let ram = try #require(memory?.output.1)
            #expect(try text(of: "/proc/\(pod.processes().qemu)/cmdline").contains("\0-m\0\(ram)"), "\(ram)")

            // By the service, as a pod of the namespace would.
            let address = try deployment.kubectl("get service hurd-ssh --output 'jsonpath={.spec.clusterIP}'")
            let login = GuestLogin(host: address, port: 22, workspace: deployment.workspace)
            #expect(try login.byKey(deployment.credentials.key, "root", "hostname") == "hurd-0\n")
            #expect(try login.byPassword(deployment.credentials.userPassword, "agents") == "agents\n")
            #expect(try pod.field("{.status.qosClass}") == "Burstable")

            let (drover, qemu) = try pod.processes()
            for pid in [drover, qemu] {
                let facts = try status(of: pid)
                #expect(facts["Name"] == (pid == drover ? "drover" : "qemu-system-x86"))
                #expect(facts.filter { confinement[$0.key] != nil } == confinement)
            }
            // The last but two and the second are the kubelet's, and cannot be left out.
            #expect(
                try writableMounts(of: drover) == [
                    "/dev/shm", "/dev/termination-log", "/opt/hurd-image", "/run", "/tmp",
                ])
            #expect(try listeningPorts(of: drover) == [2222])
            #expect(try shell("find /proc/\(drover)/root/run/secrets -name '*token*'") == "")
            #expect(try !text(of: "/proc/\(drover)/mountinfo").contains("kubernetes.io/serviceaccount"))

            // Deleted, it comes down cleanly, and the next one has the disk.
            let uid = try pod.uid
            let (client, log) = try pod.followLog()
            defer { withExtendedLifetime(client) {} }
            try deployment.kubectl("delete pod hurd-0")
            #expect(
                String(decoding: try log.readToEnd(within: 60), as: UTF8.self)
                    .contains("drover: stopped cleanly by rung 2"))
            try pod.waitUntilReady(otherThan: uid)
            #expect(try pod.log().contains("console: micro: boot 2"))
        }

        @Test func aSecretThatIsRotatedIsInForceAfterTheRestart() throws {
            let deployment = try Deployment()
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()
            let uid = try pod.uid
            let old = (password: deployment.credentials.rootPassword, key: deployment.credentials.key)

            try deployment.credentials.renew()
            // Another name of the secret: the pods are made anew.
            try deployment.apply()
            try pod.waitUntilReady(otherThan: uid)
            let login = try deployment.login()
            #expect(try login.byPassword(deployment.credentials.rootPassword, "root") == "root\n")
            try login.mustRefuse { try login.byPassword(old.password, "root") }
            try login.mustRefuse { try login.byKey(old.key, "root") }
        }
    }
}
