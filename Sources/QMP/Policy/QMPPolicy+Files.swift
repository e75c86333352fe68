/// Which files clients may name without `full`.
extension QMPPolicy {
    /// What a path stands for, by its last name: a link is a link (lstat(2)).
    public enum FileKind: Sendable {
        case nothing, directory
        /// A regular file that holds nothing but zeros, whatever its size.
        case emptyFile
        /// A regular file.
        case file
        /// A link, a device, or what cannot be looked at.
        case other
    }

    enum FileUse {
        /// A file to make, or to cut to nothing.
        case create
        case read, write
    }

    /// Directories of the kernel's and of secrets, which are nobody's disk directory and no part of one.
    private static let closed = ["/dev", "/proc", "/sys", "/run/secrets"].compactMap { PlainPath($0) }

    /// Whether images may be made and opened below a disk's directory: not everywhere, because a disk lies in `/` or is a
    /// device.
    public static func isForDisks(_ directory: String) -> Bool {
        guard let path = PlainPath(directory), !path.parts.isEmpty else { return false }
        return !closed.contains { path == $0 || path.isBelow($0) }
    }

    /// Why the file of an image needs `full`; nil when it does not.
    ///
    /// What a client names is looked up before QEMU opens it. Whoever can write there can put something else in its place
    /// meanwhile; a client of ours cannot, having no command that makes a link or moves a file.
    func fileObjection(_ path: [UInt8], _ use: FileUse) -> String? {
        guard let file = PlainPath(path), path.last != UInt8(ascii: "/"), let directory = diskDirectory(of: file) else {
            return "its file is not below a disk's directory"
        }
        if let objection = wayObjection(file.steps(from: directory)) { return objection }
        switch (kind(of: file), use) {
        // QEMU says so itself.
        case (.nothing, _), (.emptyFile, .write), (.emptyFile, .read), (.file, .read): return nil
        case (.emptyFile, .create), (.file, .create): return "its file is there already"
        case (.file, .write): return "its file has something in it, and is not opened read-only"
        case (.directory, _), (.other, _): return "its file is no regular file"
        }
    }

    /// A screenshot must not be able to replace a disk, or a file of ours.
    func screenshotObjection(_ path: [UInt8]) -> String? {
        let objection = "its file is no .png or .ppm below the runtime directory or a disk's"
        guard let file = PlainPath(path), let name = file.parts.last, path.last != UInt8(ascii: "/"),
            [".png", ".ppm"].contains(where: {
                name.count > $0.utf8.count && name.suffix($0.utf8.count).elementsEqual($0.utf8)
            })
        else { return objection }
        let runtime = runtimeDirectory.flatMap { file.isBelow($0) ? $0 : nil }
        guard let directory = runtime ?? diskDirectory(of: file) else { return objection }
        if let objection = wayObjection(file.steps(from: directory)) { return objection }
        switch kind(of: file) {
        case .nothing, .emptyFile, .file: return nil
        case .directory, .other: return "its file is no regular file"
        }
    }

    private func diskDirectory(of file: PlainPath) -> PlainPath? {
        let closed = Self.closed + closed + (runtimeDirectory.map { [$0] } ?? [])
        guard !closed.contains(where: { file == $0 || file.isBelow($0) }) else { return nil }
        return diskDirectories.first { file.isBelow($0) }
    }

    /// A link on the way may lead anywhere.
    private func wayObjection(_ steps: [PlainPath]) -> String? {
        for step in steps.dropLast() {
            switch kind(of: step) {
            case .directory, .nothing: continue
            case .emptyFile, .file, .other: return "the way to its file leads through what is no directory"
            }
        }
        return nil
    }

    private func kind(of path: PlainPath) -> FileKind {
        path.text.map(look) ?? .other
    }
}
