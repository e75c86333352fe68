/// Where the path tables and directories of a hierarchy lie.
struct HierarchyLayout {
    let hierarchy: Hierarchy
    let littleEndianTable: Extent
    let bigEndianTable: Extent
    /// In the hierarchy's order.
    let directories: [Extent]

    init(_ hierarchy: Hierarchy, _ allocator: inout ExtentAllocator) {
        self.hierarchy = hierarchy
        let tableLength = PathTable(
            records: hierarchy.directories.map { PathTableRecord(identifier: $0.identifier, sector: 0, parent: 0) }
        ).length
        littleEndianTable = allocator.place(tableLength)
        bigEndianTable = allocator.place(tableLength)
        directories = hierarchy.directories.map { allocator.place($0.length) }
    }

    func descriptor(_ kind: VolumeDescriptor.Kind, label: String, volumeSectors: Int) -> VolumeDescriptor {
        VolumeDescriptor(
            kind: kind, label: label, volumeSectors: volumeSectors, pathTableLength: littleEndianTable.length,
            littleEndianTable: littleEndianTable.sector, bigEndianTable: bigEndianTable.sector, root: directories[0])
    }

    /// - Parameters:
    ///   - files: the extent of each file.
    ///   - continuation: the first sector of the continuation area.
    func encode(files: [Extent], continuation: Int, into bytes: inout ISOBytes) {
        let table = PathTable(
            records: zip(hierarchy.directories, directories).map {
                PathTableRecord(identifier: $0.identifier, sector: $1.sector, parent: $0.parent)
            })
        bytes.fill(toSector: littleEndianTable.sector)
        table.encode(.little, into: &bytes)
        bytes.fill(toSector: bigEndianTable.sector)
        table.encode(.big, into: &bytes)

        let places = places(files: files)
        for (directory, extent) in zip(hierarchy.directories, directories) {
            bytes.fill(toSector: extent.sector)
            var end = 0
            for record in directory.records {
                let start = Hierarchy.Directory.start(record, after: end)
                bytes.zeros(start - end)
                DirectoryRecord(
                    identifier: record.identifier, extent: places(record.node), isDirectory: record.node.isDirectory,
                    date: record.date, systemUse: record.systemUse.encoded(continuationAt: continuation)
                ).encode(into: &bytes)
                end = start + record.length
            }
        }
    }

    private func places(files: [Extent]) -> (ISOCatalog.Node) -> Extent {
        var numbered = directories
        for (directory, extent) in zip(hierarchy.directories, directories) {
            numbered[directory.number] = extent
        }
        return { node in
            switch node {
            case .directory(let number): numbered[number]
            case .file(let number): files[number]
            }
        }
    }
}
