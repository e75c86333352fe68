import Glibc

/// What stat(2) says of a file.
public struct FileStatus: Sendable {
    public enum Kind: Sendable {
        case regular, directory, symbolicLink, characterDevice, blockDevice, fifo, socket, unknown
    }

    public let kind: Kind
    /// Permission bits, 0o7777.
    public let permissions: UInt32
    public let owner: UInt32
    public let group: UInt32
    /// In bytes.
    public let size: Int64
    /// Bytes that it takes on its volume.
    public let allocated: Int64
    public let device: UInt64
    public let inode: UInt64
    /// Of a device node: the device it stands for.
    public let represents: UInt64
    /// In seconds since 1970.
    public let modified: Int

    public init(
        kind: Kind, permissions: UInt32, owner: UInt32, group: UInt32, size: Int64 = 0, allocated: Int64 = 0,
        device: UInt64 = 0,
        inode: UInt64 = 0, represents: UInt64 = 0, modified: Int = 0
    ) {
        self.kind = kind
        self.permissions = permissions
        self.owner = owner
        self.group = group
        self.size = size
        self.allocated = allocated
        self.device = device
        self.inode = inode
        self.represents = represents
        self.modified = modified
    }

    init(_ raw: stat) {
        switch raw.st_mode & S_IFMT {
        case S_IFREG: kind = .regular
        case S_IFDIR: kind = .directory
        case S_IFLNK: kind = .symbolicLink
        case S_IFCHR: kind = .characterDevice
        case S_IFBLK: kind = .blockDevice
        case S_IFIFO: kind = .fifo
        case S_IFSOCK: kind = .socket
        default: kind = .unknown
        }
        permissions = raw.st_mode & 0o7777
        owner = raw.st_uid
        group = raw.st_gid
        size = Int64(raw.st_size)
        allocated = Int64(raw.st_blocks) * 512
        device = UInt64(raw.st_dev)
        inode = UInt64(raw.st_ino)
        represents = UInt64(raw.st_rdev)
        modified = Int(raw.st_mtim.tv_sec)
    }

    /// stat(2), or lstat(2) when links are not to be followed.
    public init(of path: String, followingLinks: Bool = true) throws(Errno) {
        var buffer = stat()
        try retryingInterrupts { followingLinks ? stat(path, &buffer) : lstat(path, &buffer) }
        self.init(buffer)
    }
}

/// Whether this process may read, write or search `path`, by its effective ids.
public func canAccess(_ path: String, reading: Bool = false, writing: Bool = false, searching: Bool = false) -> Bool {
    accessDenial(path, reading: reading, writing: writing, searching: searching) == nil
}
