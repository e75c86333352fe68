/// The JSON that `-blockdev`, `-device` and `-netdev` take, with QEMU's own names for the properties.
enum QEMUOptions {
    struct BlockCache: Encodable {
        let direct: Bool
        let noFlush: Bool

        enum CodingKeys: String, CodingKey {
            case direct
            case noFlush = "no-flush"
        }
    }

    /// `BlockdevOptionsFile`.
    struct BlockFile: Encodable {
        let driver: String
        let nodeName: String
        let filename: String
        let aio: String
        let cache: BlockCache
        let discard: String
        let readOnly: Bool
        /// `off` for a descriptor set, on which QEMU cannot take its locks.
        var locking: String?

        enum CodingKeys: String, CodingKey {
            case driver, filename, aio, cache, discard, locking
            case nodeName = "node-name"
            case readOnly = "read-only"
        }
    }

    /// `BlockdevOptionsGenericFormat`: a node on top of the file's node.
    struct BlockFormat: Encodable {
        let driver: String
        let nodeName: String
        let file: String
        let cache: BlockCache
        let discard: String
        let readOnly: Bool

        enum CodingKeys: String, CodingKey {
            case driver, file, cache, discard
            case nodeName = "node-name"
            case readOnly = "read-only"
        }
    }

    /// A property that is nil is not given.
    struct Device: Encodable {
        var driver: String
        var id: String
        var bus: String?
        var unit: Int?
        var drive: String?
        var bootIndex: Int?
        var writeCache: String?
        var netdev: String?
        var mac: String?
        /// Empty: no boot ROM, so that the firmware does not try the network.
        var romFile: String?

        enum CodingKeys: String, CodingKey {
            case driver, id, bus, unit, drive, netdev, mac
            case bootIndex = "bootindex"
            case writeCache = "write-cache"
            case romFile = "romfile"
        }
    }

    /// `NetdevUserOptions`.
    struct UserNetwork: Encodable {
        struct Forward: Encodable {
            let str: String
        }

        let type: String
        let id: String
        let hostfwd: [Forward]
        let restrict: Bool
    }
}
