import TestSupport

/// A block device of node 1, empty, and a volume of it that waits for guest 0's claim.
final class BlockDevice {
    private let path: String

    init(_ deployment: Deployment) throws {
        let name = "\(deployment.namespace)-block"
        let file = "/data/\(name)"
        path = try Cluster.on(
            1, "sh -euc 'truncate -s 512M \(file); losetup --find --show \(file); rm \(file)'"
        ).trimmingNewline()
        try deployment.addVolume(
            name, for: "disk-hurd-0", node: 1, volume: "local: {path: \(path)}\n  volumeMode: Block")
    }

    deinit {
        // Freed when the last who has it open lets go.
        _ = try? Cluster.on(1, "losetup --detach \(path)")
    }
}
