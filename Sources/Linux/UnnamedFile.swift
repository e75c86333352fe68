import CLinux

extension Descriptor {
    /// An empty file without a name in `directory`, for reading and writing: nobody else finds it, and it is gone with the
    /// last process that has it, however that ends (O_TMPFILE).
    public static func unnamedFile(in directory: String) throws(Errno) -> Descriptor {
        do throws(Errno) {
            return try .open(directory, Flags(rawValue: clinux_unnamed | Flags.readWrite.rawValue))
        } catch {
            // Not every file system can do that: NFS cannot.
            guard error == .notSupported || error == .isDirectory else { throw error }
        }
        let path = "\(directory)/.drover-\(Instant.now().nanoseconds)"
        let file = try open(path, [.readWrite, .create, .exclusive])
        try removeFile(path)
        return file
    }
}
