import CLinux
import Glibc

/// Which file it is, whatever it is called.
public struct FileIdentity: Equatable, Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// Two nodes of one block device are one: what counts is the device, not where its node lies.
    init(_ status: FileStatus) {
        let isDevice = status.kind == .blockDevice
        (device, inode) = isDevice ? (status.represents, 0) : (status.device, status.inode)
    }
}

extension FileStatus {
    public var identity: FileIdentity { FileIdentity(self) }
}

/// A file that a name led to. From then on it is the same file, whatever the name leads to.
public struct FoundFile: Sendable {
    /// Names the file without having opened it (O_PATH).
    public let descriptor: Descriptor
    public let status: FileStatus
    /// Absolute and without links, as procfs knows it.
    public let path: String

    public init(_ path: String) throws(Errno) {
        try self.init(naming: try .open(path, .pathOnly))
    }

    private init(naming descriptor: Descriptor) throws(Errno) {
        self.descriptor = descriptor
        status = try descriptor.status()
        path = try linkTarget(descriptor.procPath)
    }

    /// The file behind a descriptor.
    public init(behind descriptor: Descriptor) throws(Errno) {
        try self.init(descriptor.procPath)
    }

    /// Of a block device: whether it is a drive for CDs, which can be without one.
    public func isCDROM() throws(Errno) -> Bool {
        clinux_is_cdrom(try open(.nonBlocking).rawValue) == 1
    }

    /// Of a block device: whether it is mounted, or in use by something else that wants it for itself.
    public func isHeld() -> Bool {
        do throws(Errno) {
            // Without O_CREAT: the kernel's own way to ask for a device alone (open(2)).
            _ = try open([.nonBlocking, .exclusive])
            return false
        } catch {
            return error == .busy
        }
    }

    /// Opens this file.
    public func open(_ flags: Descriptor.Flags = []) throws(Errno) -> Descriptor {
        try .open(descriptor.procPath, flags)
    }
}

extension Descriptor {
    /// By which this process opens the same file anew.
    fileprivate var procPath: String { "/proc/self/fd/\(rawValue)" }

    /// Gives the file a name in addition to those it has; one that is taken stays as it is (linkat(2)).
    public func link(as path: String) throws(Errno) {
        try retryingInterrupts { linkat(AT_FDCWD, procPath, AT_FDCWD, path, AT_SYMLINK_FOLLOW) }
    }
}

/// readlink(2) of a name of at most 4095 bytes that is UTF-8, as all of Drover's are.
private func linkTarget(_ path: String) throws(Errno) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = try retryingInterrupts { readlink(path, &buffer, buffer.count) }
    guard count < buffer.count else { throw .nameTooLong }
    guard let target = String(validating: buffer.prefix(count), as: UTF8.self) else { throw .notUTF8 }
    return target
}
