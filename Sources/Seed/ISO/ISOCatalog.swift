/// The tree with a number for each file and directory, in the order of their names: two trees that differ only in the
/// order they were given in make the same image.
struct ISOCatalog {
    enum Node: Equatable {
        case directory(Int)
        case file(Int)

        static let root = Node.directory(0)

        var isDirectory: Bool {
            if case .file = self { false } else { true }
        }
    }

    struct Entry {
        let name: String
        let node: Node
        /// Permission bits.
        let mode: UInt16
        let date: ISODate
    }

    struct Directory {
        let mode: UInt16
        let date: ISODate
        /// The number of its parent; the root is its own.
        let parent: Int
        let entries: [Entry]
    }

    /// The root first, then level by level.
    let directories: [Directory]
    let files: [ISOFile]

    init(_ tree: ISOTree) {
        var files: [ISOFile] = []
        var directories: [Directory] = []
        let root = ISODirectory(
            name: "", files: tree.files, directories: tree.directories, mode: RockRidge.rootMode,
            date: tree.date)
        var queue = [(directory: root, parent: 0)]
        while directories.count < queue.count {
            let number = directories.count
            let (directory, parent) = queue[number]
            let inside = directory.files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            let below = directory.directories.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            var entries = inside.enumerated().map {
                Entry(name: $1.name, node: .file(files.count + $0), mode: $1.mode, date: $1.date)
            }
            entries += below.enumerated().map {
                Entry(name: $1.name, node: .directory(queue.count + $0), mode: $1.mode, date: $1.date)
            }
            directories.append(
                Directory(mode: directory.mode, date: directory.date, parent: parent, entries: entries))
            files += inside
            queue += below.map { ($0, number) }
        }
        self.directories = directories
        self.files = files
    }

    /// A directory as its own record and those of its children name it.
    func unnamed(_ number: Int) -> Entry {
        Entry(name: "", node: .directory(number), mode: directories[number].mode, date: directories[number].date)
    }
}
