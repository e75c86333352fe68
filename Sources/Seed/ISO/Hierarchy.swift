/// The directories as one of the two kinds of names shows them, before anything has its place.
struct Hierarchy {
    struct Record {
        let identifier: [UInt8]
        let node: ISOCatalog.Node
        let date: ISODate
        let systemUse: SystemUseArea

        var length: Int { DirectoryRecord.length(identifier: identifier, systemUse: systemUse.length) }
    }

    struct Directory {
        /// Of the directory in its parent.
        let identifier: [UInt8]
        /// In the catalog.
        let number: Int
        /// The place of its parent in this hierarchy's order.
        let parent: Int
        /// Those of the directory itself and of its parent first.
        let records: [Record]

        /// In bytes, whole sectors: no record crosses from one into the next (ECMA-119 §6.8.1.1).
        var length: Int {
            let end = records.reduce(0) { Directory.start($1, after: $0) + $1.length }
            return ISOBytes.sectors(end) * ISOBytes.sector
        }

        /// The offset of `record` when the one before it ends at `end`.
        static func start(_ record: Record, after end: Int) -> Int {
            end % ISOBytes.sector + record.length > ISOBytes.sector ? ISOBytes.sectors(end) * ISOBytes.sector : end
        }
    }

    /// In the order of the path table (§6.9.1): level by level, the directories of one parent by identifier.
    let directories: [Directory]

    /// The names of level 1, and Rock Ridge's in the system use areas.
    static func primary(_ catalog: ISOCatalog, _ area: inout ContinuationArea) -> Hierarchy {
        let rockRidge = RockRidge(catalog)
        return Hierarchy(catalog, ordered: orderedShortNames) { identifier, entry, role in
            let room = DirectoryRecord.longest - DirectoryRecord.length(identifier: identifier)
            return SystemUseArea(rockRidge.entries(entry, role), room: room, &area)
        }
    }

    static func joliet(_ catalog: ISOCatalog) -> Hierarchy {
        Hierarchy(catalog, ordered: orderedUCS2Names) { _, _, _ in .none }
    }

    private typealias Named = (identifier: [UInt8], entry: ISOCatalog.Entry)

    private init(
        _ catalog: ISOCatalog, ordered: ([ISOCatalog.Entry]) -> [Named],
        systemUse: ([UInt8], ISOCatalog.Entry, RockRidge.Role) -> SystemUseArea
    ) {
        var directories: [Directory] = []
        var queue = [(identifier: DirectoryRecord.selfIdentifier, number: 0, parent: 0)]
        while directories.count < queue.count {
            let place = directories.count
            let (identifier, number, parent) = queue[place]
            let children = ordered(catalog.directories[number].entries)
            let first: [(Named, RockRidge.Role)] = [
                ((DirectoryRecord.selfIdentifier, catalog.unnamed(number)), .itself),
                ((DirectoryRecord.parentIdentifier, catalog.unnamed(catalog.directories[number].parent)), .parent),
            ]
            let records = (first + children.map { ($0, .child) }).map { named, role in
                Record(
                    identifier: named.identifier, node: named.entry.node, date: named.entry.date,
                    systemUse: systemUse(named.identifier, named.entry, role))
            }
            directories.append(Directory(identifier: identifier, number: number, parent: parent, records: records))
            for child in children {
                if case .directory(let number) = child.entry.node { queue.append((child.identifier, number, place)) }
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
        entries.map { (ISOBytes.ucs2($0.name), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
    }
}
