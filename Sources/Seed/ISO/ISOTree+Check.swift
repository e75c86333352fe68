extension ISOTree {
    /// What Joliet leaves out of UCS-2 (Joliet specification, "Allowed Character Set"); NUL and `/` no system takes.
    private static let forbidden: Set<Unicode.Scalar> = ["*", "/", ":", ";", "?", "\\"]

    /// Checks every name and size.
    func check() throws(ISOTreeError) {
        let count = directories.reduce(files.count + directories.count) { $0 + $1.files.count }
        guard count <= Self.mostEntries else { throw .tooManyEntries(count) }
        try check(names: files.map(\.name) + directories.map(\.name), in: nil)
        try check(sizesOf: files, in: nil)
        for directory in directories {
            try check(names: directory.files.map(\.name), in: directory.name)
            try check(sizesOf: directory.files, in: directory.name)
        }
    }

    private func check(names: [String], in directory: String?) throws(ISOTreeError) {
        // By bytes: Swift holds two spellings of an accented letter for one string, file systems do not.
        var seen: Set<[UInt8]> = []
        for name in names {
            let path = path(name, in: directory)
            guard !name.isEmpty else { throw .emptyName(directory: directory) }
            guard name != ".", name != ".." else { throw .reservedName(path: path) }
            if let character = name.unicodeScalars.first(where: Self.isForbidden) {
                throw .forbiddenCharacter(path: path, character)
            }
            let length = name.unicodeScalars.count
            guard length <= Self.longestName else { throw .longName(path: path, characters: length) }
            guard seen.insert(Array(name.utf8)).inserted else { throw .duplicateName(path: path) }
        }
    }

    private func check(sizesOf files: [ISOFile], in directory: String?) throws(ISOTreeError) {
        for file in files where file.contents.count > Self.largestFile {
            throw .largeFile(path: path(file.name, in: directory), bytes: file.contents.count)
        }
    }

    private func path(_ name: String, in directory: String?) -> String {
        directory.map { "\($0)/\(name)" } ?? name
    }

    private static func isForbidden(_ character: Unicode.Scalar) -> Bool {
        character.value < 0x20 || character.value == 0x7F || character.value > 0xFFFF || forbidden.contains(character)
    }
}
