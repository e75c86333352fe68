import Testing

@testable import Linux

struct OrchestratorTests {
    private static let root = "22 1 0:21 / / rw,relatime - overlay overlay rw\n"
    /// As Docker 20.10 mounts a secret of a service, and a file of Compose's.
    private static let swarm =
        root + "40 22 0:60 /x /run/secrets/root_password ro,relatime shared:3 - tmpfs tmpfs rw,mode=700\n"
    private static let compose = root + "40 22 254:1 /home/u/secrets/a /run/secrets/a rw - ext4 /dev/vda rw\n"

    @Test(arguments: [
        ([:], compose, [], Orchestrator.compose),
        ([:], swarm, [], .swarm),
        ([:], "", [], .compose),
        (["container": "podman"], compose, [], .podman),
        ([:], compose, ["/run/.containerenv"], .podman),
        (["KUBERNETES_SERVICE_HOST": "10.0.0.1"], swarm, [], .kubernetes),
        ([:], swarm, ["/var/run/secrets/kubernetes.io"], .kubernetes),
        // A host's own /run is a tmpfs.
        ([:], "25 22 0:22 / /run rw,nosuid shared:5 - tmpfs tmpfs rw\n", [], .compose),
    ])
    func eachIsKnownByWhatItMounts(
        _ environment: [String: String], _ mounts: String, _ files: [String], _ expected: Orchestrator
    ) {
        #expect(Orchestrator(environment, mounts: mounts, isThere: files.contains) == expected)
    }
}
