/// The POSIX attributes and exact names of the primary hierarchy (RRIP 1.10).
struct RockRidge {
    /// Whose record it is that the entries are for.
    enum Role {
        case itself, parent, child
    }

    static let rootMode: UInt16 = 0o555

    /// The number of directories in each directory.
    private let directoryCounts: [Int]

    init(_ catalog: ISOCatalog) {
        directoryCounts = catalog.directories.map { $0.entries.reduce(0) { $0 + ($1.node.isDirectory ? 1 : 0) } }
    }

    func entries(_ entry: ISOCatalog.Entry, _ role: Role) -> [SystemUseEntry] {
        let described: [SystemUseEntry] = [attributes(entry), .times(entry.date)]
        return switch role {
        // SUSP 1.10 §5.3 and §5.5: SP and ER are in the root's own record, SP first.
        case .itself where entry.node == .root:
            [.sharingProtocol, .present([.attributes, .times])] + described + [.rockRidge]
        case .itself, .parent:
            [.present([.attributes, .times])] + described
        case .child:
            [.present([.attributes, .times, .name])] + described + [.name(Array(entry.name.utf8))]
        }
    }

    private func attributes(_ entry: ISOCatalog.Entry) -> SystemUseEntry {
        let (type, links): (UInt32, Int) =
            switch entry.node {
            case .directory(let number): (0o040000, 2 + directoryCounts[number])
            case .file: (0o100000, 1)
            }
        return .attributes(mode: type | UInt32(entry.mode & 0o7777), links: links)
    }
}
