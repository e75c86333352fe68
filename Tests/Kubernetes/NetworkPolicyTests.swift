import Foundation
import Linux
import TestSupport
import Testing

extension ClusterTests.QuietTests {
    /// No network plug-in of Debian's enforces a NetworkPolicy. So ours is put into the rules of nftables that one would make
    /// of it, in the pod's own network, and its meaning is tried.
    @Suite struct NetworkPolicyTests {
        private static let outside = "203.0.113.5"

        @Test func aGuestReachesTheWorldAndNothingOfTheCluster() throws {
            let deployment = try Deployment()
            try deployment.apply()
            let pod = deployment.pod()
            try pod.waitUntilReady()
            let login = try deployment.login()
            let nobody = try Descriptor.open("/dev/null")
            try shell("ip address add \(Self.outside)/32 dev lo")
            defer { _ = try? shell("ip address del \(Self.outside)/32 dev lo") }
            let world = try ChildProcess(
                "/usr/bin/python3", ["-m", "http.server", "--bind", Self.outside, "8081"],
                descriptors: [nobody, nobody, nobody])
            defer { withExtendedLifetime(world) {} }

            let reached = { (address: String) throws -> String in
                try login.byKey(
                    deployment.credentials.key, "root",
                    "echo | nc -w 5 \(address) >/dev/null 2>&1 && echo open || echo shut")
            }
            try Cluster.wait(for: "the world", within: 60) {
                try reached("\(Self.outside) 8081") == "open\n" ? nil : "shut"
            }
            #expect(try reached("10.96.0.1 443") == "open\n")
            #expect(try Cluster.on(2, Self.connect(login.host)) == "open\n")

            let (drover, _) = try pod.processes()
            let except = try deployment.kubectl(
                "get networkpolicy hurd --output 'jsonpath={.spec.egress[1].to[0].ipBlock.except[*]}'")
            let ports = try deployment.kubectl(
                "get networkpolicy hurd --output 'jsonpath={.spec.ingress[0].ports[*].port} {.spec.egress[1].to[0].ipBlock.cidr}'"
            )
            #expect(ports == "ssh 0.0.0.0/0")
            // Pods with the label are these tests, which come from the node's own address.
            let rules = """
                table inet guest {
                  chain input {
                    type filter hook input priority 0; policy drop
                    iif lo accept
                    ct state established,related accept
                    ip saddr 10.244.1.1 tcp dport 2222 accept
                  }
                  chain output {
                    type filter hook output priority 0; policy drop
                    oif lo accept
                    ct state established,related accept
                    ip daddr { \(except.split(separator: " ").joined(separator: ", ")) } drop
                    ip daddr 0.0.0.0/0 accept
                  }
                }

                """
            let file = "\(deployment.workspace.path)/rules.nft"
            try rules.write(toFile: file, atomically: true, encoding: .utf8)
            try Cluster.on(1, "nsenter --target \(drover) --net nft --file '\(file)'")

            #expect(try reached("\(Self.outside) 8081") == "open\n")
            for address in ["10.96.0.1 443", "192.168.77.1 6443", "192.168.77.2 10250", "169.254.169.254 80"] {
                #expect(try reached(address) == "shut\n", "\(address)")
            }
            #expect(try Cluster.on(2, Self.connect(login.host)) == "shut\n")
            // The probes are programs in the pod, and go on.
            try deployment.kubectl("exec hurd-0 --container drover -- /usr/bin/drover healthcheck --ready")
        }

        private static func connect(_ host: String) -> String {
            "bash -c 'timeout 5 bash -c \"exec 3<>/dev/tcp/\(host)/2222\" 2>/dev/null && echo open || echo shut'"
        }
    }
}
