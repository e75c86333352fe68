/// The POSIX attributes and exact names of the primary hierarchy (RRIP 1.10).
struct RockRidge {
    /// Whose record it is that the entries are for.
    enum Role {
        case itself, parent, child
    }

    static let rootMode: UInt16 = 0o555

    private let directoryCount: Int

    init(_ catalog: ISOCatalog) {
        directoryCount = catalog.directories.count
    }

    func entries(_ entry: ISOCatalog.Entry, _ role: Role) -> [SystemUseEntry] {
        let described: [SystemUseEntry] = [attributes(entry), .times(.constant)]
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
            case .root: (0o040000, 2 + directoryCount)
            case .directory: (0o040000, 2)
            case .file: (0o100000, 1)
            }
        return .attributes(mode: type | UInt32(entry.mode & 0o7777), links: links)
    }
}
