import Basics
import Linux
import Machine

/// A file on its way to a disk's name: written beside it under another one, and given it when it is whole.
///
/// The file that has the name until then is locked all the while, as QEMU would lock it: no run begins in between.
public struct NewDisk {
    /// As its owner has written it.
    public let name: String
    /// The old one's without links, if there is one.
    private let path: String
    private let old: FileStatus?
    private let lock: Descriptor?
    private let file: Descriptor

    private var temporary: String { Self.temporary(path) }
    private static func temporary(_ path: String) -> String { path + ".drover-new" }

    /// - Parameter replaces: whether it may take the place of a file.
    /// - Throws: why the file cannot be where it is to be; nothing has been changed then.
    public init(_ name: String, replaces: Bool) throws(ClientFailure) {
        self.name = name
        do throws(Errno) {
            let found: FoundFile?
            do throws(Errno) {
                found = try FoundFile(name)
            } catch {
                guard error == .noSuchFile else { throw error }
                found = nil
            }
            path = found?.path ?? name
            old = found?.status
            lock = try found.map { (found) throws(Errno) in try found.open(.nonBlocking) }
        } catch {
            throw ClientFailure(error, name, "cannot be reached: \(error)")
        }
        if let old, let lock {
            guard replaces else {
                throw ClientFailure(
                    .no, "\(quoted(name)) is there already, and nothing is overwritten; name a new file")
            }
            try Self.take(name, old.kind, lock)
        }
        try? removeFile(Self.temporary(path))
        try Self.checkNames(path, exists: old != nil)
        do throws(Errno) {
            file = try .open(Self.temporary(path), [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
        } catch {
            throw ClientFailure(error, Self.temporary(path), "cannot be made: \(error)")
        }
    }

    private static func take(_ name: String, _ kind: FileStatus.Kind, _ lock: Descriptor) throws(ClientFailure) {
        guard kind == .regular else {
            throw ClientFailure(
                .no,
                "\(quoted(name)) is no regular file, and is not written over; write to a file (--to FILE), and copy that "
                    + "yourself, such as by qemu-img convert -n -O raw FILE \(shellQuoted(name))")
        }
        do throws(Errno) {
            try lock.lockAsImage()
        } catch {
            guard error == .wouldBlock else { throw ClientFailure(error, name, "cannot be locked: \(error)") }
            throw ClientFailure(
                .no,
                "\(quoted(name)) is in use: a guest that runs has it; stop it first, or write to another file: --to FILE"
            )
        }
    }

    /// A file that is a mount by itself cannot get another name, which nobody should hear only at the end.
    private static func checkNames(_ path: String, exists: Bool) throws(ClientFailure) {
        guard exists else { return }
        do throws(Errno) {
            try linkFile(path, as: temporary(path))
            try removeFile(temporary(path))
        } catch .crossDevice {
            throw ClientFailure(
                .no,
                "\(quoted(path)) is mounted by itself, so that no other file can have its place; mount the folder that it is "
                    + "in, or write to another file: --to FILE")
        } catch {
            // Not every file system has links.
        }
    }

    /// The volume, and what it has left.
    public func space() throws(ClientFailure) -> (volume: UInt64, free: Int64) {
        do throws(Errno) {
            return (try file.status().device, try freeSpace(directoryName(path)))
        } catch {
            throw ClientFailure(error, path, "cannot be judged: \(error)")
        }
    }

    /// Bytes that it takes on its volume.
    public var allocated: Int64 { (try? file.status().allocated) ?? 0 }

    /// Of the old one.
    public var oldAllocated: Int64 { old?.allocated ?? 0 }

    /// Copies the disk in an image into it, as its owner's, and has it on the volume.
    public func write(
        _ image: some DiskSource, as format: Configuration.DiskFormat, options: [String] = [], _ qemuImg: QEMUImg,
        progress: (Int) -> Void = { _ in }
    ) throws(ClientFailure) {
        try qemuImg.run(
            DiskPreparation.conversion(of: image, to: format, options: options), on: image, into: (file, temporary),
            progress: progress)
        let isRoot = ProcessIdentity.current().user == 0
        do throws(Errno) {
            if let old {
                do throws(Errno) {
                    try file.setOwner(old.owner, old.group)
                } catch {
                    // It is this user's then, who could write to the old one.
                    guard error == .notPermitted, !isRoot else { throw error }
                }
                try file.setPermissions(old.permissions)
            } else if isRoot {
                // Root makes it for whom the folder is.
                let folder = try FileStatus(of: directoryName(path))
                try file.setOwner(folder.owner, folder.group)
            }
            try file.synchronize()
        } catch {
            throw ClientFailure(error, temporary, "cannot be given to its owner: \(error)")
        }
    }

    /// Reads both to their ends.
    ///
    /// - Throws: when they are not the same disk.
    public func compare(
        with image: some DiskSource, as format: Configuration.DiskFormat, _ qemuImg: QEMUImg,
        progress: (Int) -> Void = { _ in }
    ) throws(ClientFailure) {
        try qemuImg.run(
            DiskPreparation.comparison(of: image, with: format), on: image, into: (file, temporary), progress: progress)
    }

    /// Gives it the name.
    ///
    /// - Parameter suffix: of the name under which the old one is kept; nil: it goes.
    /// - Returns: that name.
    public func takePlace(keepingOldAs suffix: String?) throws(ClientFailure) -> String? {
        do throws(Errno) {
            var kept: String?
            if old == nil {
                try giveNewName()
            } else {
                kept = try suffix.map { (suffix) throws(Errno) in try keepOld("\(path).\(suffix)") }
                try renameFile(temporary, to: path)
            }
            try Folder(directoryName(path), followingLinks: true).synchronize()
            return kept
        } catch {
            throw ClientFailure(error, path, "cannot be given its name: \(error)")
        }
    }

    /// Whoever has put something there meanwhile keeps it.
    private func giveNewName() throws(Errno) {
        do throws(Errno) {
            try linkFile(temporary, as: path)
            try removeFile(temporary)
        } catch {
            guard error == .notPermitted || error == .notSupported else { throw error }
            try renameFile(temporary, to: path)
        }
    }

    /// The old one has both names for a moment, so that at no time there is none.
    private func keepOld(_ name: String) throws(Errno) -> String {
        var number = 1
        while true {
            let kept = number == 1 ? name : "\(name)-\(number)"
            do throws(Errno) {
                try linkFile(path, as: kept)
                return kept
            } catch {
                if error == .notPermitted || error == .notSupported {
                    try renameFile(path, to: kept)
                    return kept
                }
                guard error == .fileExists, number < 100 else { throw error }
                number += 1
            }
        }
    }

    /// Removes what has been written of it. What has its name by then is not there any more.
    public func giveUp() {
        try? removeFile(temporary)
    }
}
