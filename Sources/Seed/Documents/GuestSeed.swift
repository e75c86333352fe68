import Basics
import JSON
import Linux
import Machine

/// The seed of a guest: the NoCloud documents for cloud-init, and beside them the folder `drover/` for guests without it.
/// Passwords are in it as hashes.
public struct GuestSeed {
    public let tree: ISOTree

    /// Hashes the passwords, which takes some 50 ms.
    public init(_ inputs: SeedInputs) throws(Fault) {
        do {
            let hashes = (
                root: try inputs.rootPassword?.shadowHash(), user: try inputs.userPassword?.shadowHash()
            )
            tree = Self.tree(inputs, instanceID: try InstanceID.make(inputs), hashes.root, hashes.user)
        } catch {
            throw Fault(.unavailable, "SEED", "the seed cannot be made: \(error)")
        }
    }

    static func tree(
        _ inputs: SeedInputs, instanceID: String, _ rootHash: String?, _ userHash: String?
    ) -> ISOTree {
        let metadata: JSONValue = ["instance-id": .string(instanceID), "local-hostname": .string(inputs.hostname)]
        let config = CloudConfig(inputs, rootHash: rootHash, userHash: userHash)
        var files = [
            ISOFile(name: "meta-data", contents: metadata.line),
            ISOFile(name: "user-data", contents: config.document),
        ]
        if let vendorData = inputs.vendorData { files.append(ISOFile(name: "vendor-data", contents: vendorData)) }
        if let networkConfig = inputs.networkConfig {
            files.append(ISOFile(name: "network-config", contents: networkConfig))
        }
        return ISOTree(
            files: files,
            directories: [
                ISODirectory(
                    name: "drover", files: plainFiles(inputs, instanceID, rootHash, userHash),
                    directories: [GuestKit.directory])
            ])
    }

    /// What the guest kit's `apply` reads.
    private static func plainFiles(
        _ inputs: SeedInputs, _ instanceID: String, _ rootHash: String?, _ userHash: String?
    ) -> [ISOFile] {
        func file(_ name: String, _ lines: [String]) -> [ISOFile] {
            lines.isEmpty ? [] : [ISOFile(name: name, contents: Array(lines.map { $0 + "\n" }.joined().utf8))]
        }
        let shadow = [("root", rootHash), (inputs.user, userHash)].compactMap { name, hash in
            hash.map { "\(name):\($0)" }
        }
        return file("instance-id", [instanceID]) + file("hostname", [inputs.hostname])
            + file("user", inputs.makesUser ? [inputs.user] : []) + file("shadow", shadow)
            + file("authorized_keys", inputs.keys)
    }

    public func image() throws(Fault) -> [UInt8] {
        do throws(ISOTreeError) {
            return try ISOImage(tree).encoded()
        } catch {
            throw Fault(.configuration, "SEED", "the image cannot be made: \(error)")
        }
    }

    /// The image, as a sealed file in memory that QEMU can inherit. Our copy of it is zeroed.
    public func sealed() throws(Fault) -> Descriptor {
        var image = try image()
        defer { wipe(&image) }
        do throws(Errno) {
            return try Descriptor.sealedMemory("drover-seed", image)
        } catch {
            throw Fault(.unavailable, "SEED", "the image cannot be kept in memory: \(error)")
        }
    }
}
