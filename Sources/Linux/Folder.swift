import CLinux
import Glibc

/// A directory that was opened: names in it lead to it, whatever becomes of its own.
public struct Folder: Sendable {
    private let descriptor: Descriptor

    /// - Parameter followingLinks: whether the last part of `path` may be a link.
    public init(_ path: String, followingLinks: Bool = false) throws(Errno) {
        descriptor = try .open(path, followingLinks ? .directory : [.directory, .noFollow])
    }

    /// By which this process reaches a file in it.
    public func path(of name: String) -> String { "/proc/self/fd/\(descriptor.rawValue)/\(name)" }

    /// A folder in it, which is no link.
    public func folder(_ name: String) throws(Errno) -> Folder { try Folder(path(of: name)) }

    /// A regular file in it, which is no link. One that is created can be read by everybody whom the umask lets.
    public func file(_ name: String, _ flags: Descriptor.Flags = []) throws(Errno) -> Descriptor {
        let file = try Descriptor.open(path(of: name), [flags, .noFollow, .nonBlocking], mode: 0o666)
        guard try file.status().kind == .regular else { throw .invalidArgument }
        return file
    }

    public var status: FileStatus { get throws(Errno) { try descriptor.status() } }

    /// - Throws: `.tooLarge` when there are more than `limit`.
    public func names(limit: Int = .max) throws(Errno) -> [String] { try fileNames(in: path(of: "."), limit: limit) }

    /// Unlike its `.`, it counts as itself: neither is a link followed.
    public func kind(of name: String) throws(Errno) -> FileStatus.Kind {
        try FileStatus(of: path(of: name), followingLinks: false).kind
    }

    public func make(_ name: String) throws(Errno) {
        try retryingInterrupts { mkdir(path(of: name), 0o777) }
    }

    /// rename(2).
    public func rename(_ name: String, to newName: String) throws(Errno) {
        try renameFile(path(of: name), to: path(of: newName))
    }

    /// Writes a new file that is on the disk, whole, before it has its name.
    public func write(_ name: String, _ bytes: [UInt8]) throws(Errno) {
        let path = path(of: name) + ".new"
        try? removeFile(path)
        let file = try Descriptor.open(path, [.writeOnly, .create, .exclusive, .noFollow], mode: 0o666)
        var written = 0
        while written < bytes.count { written += try file.write(bytes, from: written) }
        try file.synchronize()
        try renameFile(path, to: self.path(of: name))
        try synchronize()
    }

    /// Its names are on the disk then, not what the files hold (fsync(2) of the directory).
    public func synchronize() throws(Errno) { try descriptor.synchronize() }

    /// Removes a folder in it, with all that it holds. Links are removed, not followed.
    public func removeTree(_ name: String) throws(Errno) {
        let inside = try folder(name)
        for inner in try inside.names() {
            if try inside.kind(of: inner) == .directory {
                try inside.removeTree(inner)
            } else {
                try removeFile(inside.path(of: inner))
            }
        }
        try retryingInterrupts { rmdir(path(of: name)) }
    }
}

extension Descriptor {
    /// What was written to the file is on the disk then (fsync(2)).
    public func synchronize() throws(Errno) {
        try retryingInterrupts { fsync(rawValue) }
    }

    /// Locks the file until the last copy of this descriptor is closed (flock(2)).
    ///
    /// - Throws: `.wouldBlock` when somebody else has it.
    public func lock(exclusively: Bool) throws(Errno) {
        try retryingInterrupts { flock(rawValue, (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB) }
    }

    /// Keeps every QEMU from writing to this image until the last copy of this descriptor is closed, by a lock of QEMU's kind.
    ///
    /// - Throws: `.wouldBlock` when one has it open, for reading too.
    public func lockAsImage() throws(Errno) {
        try retryingInterrupts { clinux_lock_image(rawValue) }
    }

    /// fchown(2).
    public func setOwner(_ user: UInt32, _ group: UInt32) throws(Errno) {
        try retryingInterrupts { fchown(rawValue, user, group) }
    }

    /// fchmod(2).
    public func setPermissions(_ permissions: UInt32) throws(Errno) {
        try retryingInterrupts { fchmod(rawValue, permissions) }
    }

    public func truncate(to size: Int64) throws(Errno) {
        try retryingInterrupts { ftruncate(rawValue, off_t(size)) }
    }
}
