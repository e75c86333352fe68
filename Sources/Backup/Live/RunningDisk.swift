import JSON

/// A disk of the machine that runs, as QEMU tells of it.
struct RunningDisk: Equatable, Sendable {
    struct Bitmap: Equatable, Sendable {
        let name: String
        /// QEMU has not been killed since it began, and it records what the guest writes.
        let isWhole: Bool
    }

    /// Of the image's node, such as `disk0`.
    let name: String
    /// Where its `drive` is set (qom-set).
    let device: String
    /// The guest's reads and writes go through a backup's filter.
    let isFiltered: Bool
    /// QEMU's name for it, such as `qcow2`.
    let format: String
    /// Of the guest's disk, in bytes.
    let size: Int64
    let bitmaps: [Bitmap]

    var names: BackupNames { BackupNames(disk: name) }

    /// A raw image has no place for bitmaps: they are lost when QEMU ends.
    var keepsBitmaps: Bool { format == "qcow2" }

    func bitmap(of id: BackupID) -> Bitmap? {
        bitmaps.first { $0.name == BackupNames.bitmap(of: id) }
    }
}

extension RunningDisk {
    /// The disks the guest can write to, of those that the machine has as its own.
    ///
    /// - Parameters:
    ///   - drives: the answer to `query-block`.
    ///   - nodes: the answer to `query-named-block-nodes`.
    static func find(drives: JSONValue, nodes: JSONValue) throws(JSONMismatch) -> [RunningDisk] {
        var disks: [RunningDisk] = []
        for drive in drives.elements ?? [] where drive.has("inserted") && drive.has("qdev") {
            let inserted = try drive.member("inserted")
            let top = try inserted.string("node-name")
            let name = BackupNames.disk(filteredBy: top) ?? top
            guard name.hasPrefix("disk"), try !inserted.boolean("ro"),
                let node = nodes.elements?.first(where: { $0["node-name"]?.text == name })
            else { continue }
            disks.append(
                RunningDisk(
                    name: name, device: try drive.string("qdev"), isFiltered: top != name,
                    format: try node.string("drv"), size: try node.member("image").integer("virtual-size"),
                    // A job's own have no name.
                    bitmaps: try (node["dirty-bitmaps"]?.elements ?? []).filter { $0.has("name") }.map(Bitmap.init)))
        }
        return disks
    }
}

extension RunningDisk.Bitmap {
    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        name = try json.string("name")
        let isInconsistent = json["inconsistent"]?.boolean ?? false
        isWhole = isInconsistent ? false : try json.boolean("recording")
    }
}
