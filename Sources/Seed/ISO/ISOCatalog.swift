/// The tree with a number for each file and directory, in the order of their names: two trees that differ only in the
/// order they were given in make the same image.
struct ISOCatalog {
    enum Node: Equatable {
        case root
        case directory(Int)
        case file(Int)

        var isDirectory: Bool {
            if case .file = self { false } else { true }
        }
    }

    struct Entry {
        let name: String
        let node: Node
        /// Permission bits.
        let mode: UInt16
    }

    let root: [Entry]
    /// The files of each directory.
    let directories: [[Entry]]
    let files: [ISOFile]

    init(_ tree: ISOTree) {
        var files: [ISOFile] = []
        func number(_ unordered: [ISOFile]) -> [Entry] {
            let ordered = unordered.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            let first = files.count
            files += ordered
            return ordered.enumerated().map {
                Entry(name: $1.name, node: .file(first + $0), mode: $1.mode)
            }
        }
        let directories = tree.directories.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let rootFiles = number(tree.files)
        root =
            rootFiles
            + directories.enumerated().map { Entry(name: $1.name, node: .directory($0), mode: $1.mode) }
        self.directories = directories.map { number($0.files) }
        self.files = files
    }
}
