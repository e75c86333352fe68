/// The block nodes of one drive. Every file has a node of its own, every image one above it, and each says which those
/// below it are, so that QEMU follows no name in an image.
///
/// A file has no name here but the number of the descriptor that QEMU inherits. QEMU opens it anew by that number: locks
/// and read-only reopening work as with a name, which they do not on a descriptor given by `-add-fd`.
public struct DriveNodes: Sendable {
    public enum Role: String, Sendable {
        case image
        case backingFile = "backing file"
        case dataFile = "data file"
    }

    /// A file as QEMU sees it.
    public struct OpenFile: Sendable {
        public let role: Role
        /// 0 for the image and its data file, 1 for its backing file and that one's.
        public let depth: Int
        /// Of the file, not of the image in it.
        public let node: String
        public let descriptor: Int32
        public let file: DiskFile
        public let layer: DiskLayer
    }

    private struct Layer {
        let layer: DiskLayer
        let node: String
        let descriptor: Int32

        var fileNode: String { node + "-file" }
        var dataNode: String { node + "-data-file" }

        /// The nodes of its files.
        var files: [[String: QEMUProperty]] {
            layer.files.enumerated().map { position, file in
                [
                    "driver": file.kind.driver, "node-name": .string(position == 0 ? fileNode : dataNode),
                    "filename": .string("/proc/self/fd/\(descriptor + Int32(position))"),
                ]
            }
        }
    }

    public let image: DiskImage
    /// Of the image's own node.
    let name: String
    private let layers: [Layer]
    /// The number after those of its files.
    let end: Int32

    /// - Parameters:
    ///   - node: the name of the image's own node, from which those of the others are made.
    ///   - first: the number of its first descriptor; the others follow in the order of `DiskImage.files`.
    init(_ image: DiskImage, node: String, first: Int32) {
        var next = first
        self.image = image
        name = node
        layers = image.layers.enumerated().map { index, layer in
            let descriptor = next
            next += Int32(layer.files.count)
            return Layer(layer: layer, node: index == 0 ? node : "\(node)-backing\(index)", descriptor: descriptor)
        }
        end = next
    }

    public var files: [OpenFile] {
        layers.enumerated().flatMap { index, item in
            item.layer.files.enumerated().map { position, file in
                OpenFile(
                    role: position > 0 ? .dataFile : index == 0 ? .image : .backingFile, depth: index,
                    node: position > 0 ? item.dataNode : item.fileNode, descriptor: item.descriptor + Int32(position),
                    file: file, layer: item.layer)
            }
        }
    }

    // MARK: For QEMU

    /// The options of each node, those below before those above.
    func options(readOnly: Bool, _ io: VirtualMachine.BlockIO) -> [[String: QEMUProperty]] {
        let common: [String: QEMUProperty] = [
            "cache": .object(["direct": .boolean(io.cache == .none), "no-flush": .boolean(io.cache == .unsafe)]),
            "discard": "unmap",
        ]
        return layers.indices.reversed().flatMap { index -> [[String: QEMUProperty]] in
            let item = layers[index]
            let isBacking = index > 0
            var files = item.files
            for position in files.indices {
                files[position]["aio"] = .string(io.asyncIO.rawValue)
                let isFixed = readOnly || isBacking && image.backingIsFixed
                files[position]["read-only"] = .boolean(isFixed)
                // Read-only until an operator commits into it.
                if isBacking, !isFixed { files[position]["auto-read-only"] = true }
            }
            var image: [String: QEMUProperty] = [
                "driver": .string(item.layer.format.rawValue), "node-name": .string(item.node),
                "file": .string(item.fileNode), "read-only": .boolean(readOnly || isBacking),
            ]
            if item.layer.dataFile != nil { image["data-file"] = .string(item.dataNode) }
            if item.layer.format == .qcow2 {
                image["backing"] = index + 1 < layers.count ? .string(layers[index + 1].node) : .null
            }
            return (files + [image]).map { $0.merging(common) { own, _ in own } }
        }
    }

    // MARK: For qemu-img

    /// The image with all that is below it in one object.
    var tree: QEMUProperty {
        var tree = QEMUProperty.null
        for item in layers.reversed() {
            let files = item.files.map { file in
                QEMUProperty.object(file.filter { $0.key != "node-name" })
            }
            var image: [String: QEMUProperty] = ["driver": .string(item.layer.format.rawValue), "file": files[0]]
            if item.layer.dataFile != nil { image["data-file"] = files[1] }
            if item.layer.format == .qcow2 { image["backing"] = tree }
            tree = .object(image)
        }
        return tree
    }
}

extension DiskFile.Kind {
    fileprivate var driver: QEMUProperty {
        switch self {
        case .regular: "file"
        case .device: "host_device"
        case .cdrom: "host_cdrom"
        }
    }
}
