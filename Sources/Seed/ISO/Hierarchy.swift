/// The directories as one of the two kinds of names shows them, before anything has its place.
struct Hierarchy {
    struct Record {
        let identifier: [UInt8]
        let node: ISOCatalog.Node
        let systemUse: SystemUseArea

        var length: Int { DirectoryRecord.length(identifier: identifier, systemUse: systemUse.length) }
    }

    struct Directory {
        /// Of the directory in its parent.
        let identifier: [UInt8]
        let node: ISOCatalog.Node
        /// Those of the directory itself and of its parent first.
        let records: [Record]

        /// In bytes, whole sectors: no record crosses from one into the next (ECMA-119 §6.8.1.1).
        var length: Int {
            let end = records.reduce(0) { Directory.start($1, after: $0) + $1.length }
            return sectors(end) * ISOBytes.sector
        }

        /// The offset of `record` when the one before it ends at `end`.
        static func start(_ record: Record, after end: Int) -> Int {
            end % ISOBytes.sector + record.length > ISOBytes.sector ? sectors(end) * ISOBytes.sector : end
        }
    }

    /// In the order of the path table (§6.9.1): the root, then its directories by identifier.
    let directories: [Directory]

    /// The names of level 1, and Rock Ridge's in the system use areas.
    static func primary(_ catalog: ISOCatalog, _ area: inout ContinuationArea) -> Hierarchy {
        let rockRidge = RockRidge(catalog)
        let root = ISOCatalog.Entry(name: "", node: .root, mode: RockRidge.rootMode)
        return Hierarchy(catalog, root, ordered: orderedShortNames) { identifier, entry, role in
            let room = DirectoryRecord.longest - DirectoryRecord.length(identifier: identifier)
            return SystemUseArea(rockRidge.entries(entry, role), room: room, &area)
        }
    }

    static func joliet(_ catalog: ISOCatalog) -> Hierarchy {
        let root = ISOCatalog.Entry(name: "", node: .root, mode: 0)
        return Hierarchy(catalog, root, ordered: orderedUCS2Names) { _, _, _ in .none }
    }

    private typealias Named = (identifier: [UInt8], entry: ISOCatalog.Entry)

    private init(
        _ catalog: ISOCatalog, _ root: ISOCatalog.Entry, ordered: ([ISOCatalog.Entry]) -> [Named],
        systemUse: ([UInt8], ISOCatalog.Entry, RockRidge.Role) -> SystemUseArea
    ) {
        func directory(_ own: Named, _ children: [Named]) -> Directory {
            let first: [(Named, RockRidge.Role)] = [
                ((DirectoryRecord.selfIdentifier, own.entry), .itself),
                ((DirectoryRecord.parentIdentifier, root), .parent),
            ]
            let records = (first + children.map { ($0, .child) }).map { named, role in
                Record(
                    identifier: named.identifier, node: named.entry.node,
                    systemUse: systemUse(named.identifier, named.entry, role))
            }
            return Directory(identifier: own.identifier, node: own.entry.node, records: records)
        }
        let top = ordered(catalog.root)
        var directories = [directory((DirectoryRecord.selfIdentifier, root), top)]
        for child in top {
            if case .directory(let number) = child.entry.node {
                directories.append(directory(child, ordered(catalog.directories[number])))
            }
        }
        self.directories = directories
    }

    private static func orderedShortNames(_ entries: [ISOCatalog.Entry]) -> [Named] {
        let names = ShortName.unique(entries.map { ($0.name, $0.node.isDirectory) })
        return zip(names, entries).sorted { $0.0 < $1.0 }.map { name, entry in
            (name.identifier(isDirectory: entry.node.isDirectory), entry)
        }
    }

    private static func orderedUCS2Names(_ entries: [ISOCatalog.Entry]) -> [Named] {
        entries.map { (ucs2($0.name), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
    }
}

/// Joliet's text: UCS-2, the high byte first.
func ucs2(_ text: String) -> [UInt8] {
    text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
}
