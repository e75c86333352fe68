extension ISOTree {
    /// What Joliet leaves out of UCS-2 (Joliet specification, "Allowed Character Set"); NUL and `/` no system takes.
    private static let forbidden: Set<Unicode.Scalar> = ["*", "/", ":", ";", "?", "\\"]

    /// Checks every name and size.
    func check(as form: ISOForm) throws(ISOTreeError) {
        let count = files.count + directories.reduce(0) { $0 + $1.entryCount }
        guard count <= form.mostEntries else { throw .tooManyEntries(count) }
        try check(files, directories, in: nil, level: 1, form)
    }

    private func check(
        _ files: [ISOFile], _ directories: [ISODirectory], in parent: String?, level: Int, _ form: ISOForm
    ) throws(ISOTreeError) {
        guard level <= Self.mostLevels else { throw .tooDeep(path: parent ?? "") }
        try check(names: files.map(\.name) + directories.map(\.name), in: parent, form)
        try check(sizesOf: files, in: parent, form)
        for directory in directories {
            let path = path(directory.name, in: parent)
            try check(directory.files, directory.directories, in: path, level: level + 1, form)
        }
    }

    private func check(names: [String], in directory: String?, _ form: ISOForm) throws(ISOTreeError) {
        // By bytes: Swift holds two spellings of an accented letter for one string, file systems do not.
        var seen: Set<[UInt8]> = []
        for name in names {
            let path = path(name, in: directory)
            guard !name.isEmpty else { throw .emptyName(directory: directory) }
            guard name != ".", name != ".." else { throw .reservedName(path: path) }
            if form.hasJoliet {
                if let character = name.unicodeScalars.first(where: Self.isForbidden) {
                    throw .forbiddenCharacter(path: path, character)
                }
                let length = name.unicodeScalars.count
                guard length <= Self.longestName else { throw .longName(path: path, characters: length) }
            } else {
                guard name.utf8.count <= ISOForm.longestRockRidgeName else {
                    throw .longName(path: path, characters: name.unicodeScalars.count)
                }
            }
            guard seen.insert(Array(name.utf8)).inserted else { throw .duplicateName(path: path) }
        }
    }

    private func check(sizesOf files: [ISOFile], in directory: String?, _ form: ISOForm) throws(ISOTreeError) {
        for file in files where file.size > form.largestFile {
            throw .largeFile(path: path(file.name, in: directory), bytes: file.size)
        }
    }

    private func path(_ name: String, in directory: String?) -> String {
        directory.map { "\($0)/\(name)" } ?? name
    }

    private static func isForbidden(_ character: Unicode.Scalar) -> Bool {
        character.value < 0x20 || character.value == 0x7F || character.value > 0xFFFF || forbidden.contains(character)
    }
}

extension ISODirectory {
    /// Itself and all that is in it.
    fileprivate var entryCount: Int { 1 + files.count + directories.reduce(0) { $0 + $1.entryCount } }
}
