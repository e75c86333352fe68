import Basics
import Linux
import Machine
import Operator

/// A file on its way to a disk's name: written beside it under another one, and given it when it is whole.
///
/// The file that has the name until then is locked all the while, as QEMU would lock it: no run begins in between.
struct NewDisk {
    let target: RestoreTarget
    /// The old one's without links, if there is one.
    private let path: String
    private let old: FileStatus?
    private let lock: Descriptor?
    private let file: Descriptor

    private var temporary: String { Self.temporary(path) }
    private static func temporary(_ path: String) -> String { path + ".restoring" }

    /// - Throws: why the file cannot be where it is to be; nothing has been changed then.
    init(_ target: RestoreTarget) throws(ClientFailure) {
        self.target = target
        do throws(Errno) {
            let found: FoundFile?
            do throws(Errno) {
                found = try FoundFile(target.path)
            } catch {
                guard error == .noSuchFile else { throw error }
                found = nil
            }
            path = found?.path ?? target.path
            old = found?.status
            lock = try found.map { (found) throws(Errno) in try found.open(.nonBlocking) }
        } catch {
            throw BackupFolder.failure(error, target.path, "cannot be reached: \(error)")
        }
        try Self.check(target, old?.kind, lock)
        try? removeFile(Self.temporary(path))
        try Self.checkNames(path, exists: old != nil)
        do throws(Errno) {
            file = try .open(Self.temporary(path), [.readWrite, .create, .exclusive, .noFollow], mode: 0o600)
        } catch {
            throw BackupFolder.failure(error, Self.temporary(path), "cannot be made: \(error)")
        }
    }

    private static func check(
        _ target: RestoreTarget, _ kind: FileStatus.Kind?, _ lock: Descriptor?
    ) throws(ClientFailure) {
        guard let kind, let lock else { return }
        guard target.replaces else {
            throw ClientFailure(
                .no, "\(quoted(target.path)) is there already, and nothing is overwritten; name a new file")
        }
        guard kind == .regular else {
            throw ClientFailure(
                .no,
                "\(quoted(target.path)) is no regular file, and is not written over; restore to a file (--to FILE), and copy that "
                    + "yourself, such as by qemu-img convert -n -O raw FILE \(shellQuoted(target.path))")
        }
        do throws(Errno) {
            try lock.lockAsImage()
        } catch {
            guard error == .wouldBlock else {
                throw BackupFolder.failure(error, target.path, "cannot be locked: \(error)")
            }
            throw ClientFailure(
                .no,
                "\(quoted(target.path)) is in use: a guest that runs has it; stop it first, or restore to another file: --to FILE"
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
                    + "in, or restore to another file: --to FILE")
        } catch {
            // Not every file system has links.
        }
    }

    /// The volume, and what it has left.
    func space() throws(ClientFailure) -> (volume: UInt64, free: Int64) {
        do throws(Errno) {
            return (try file.status().device, try freeSpace(directoryName(path)))
        } catch {
            throw BackupFolder.failure(error, path, "cannot be judged: \(error)")
        }
    }

    /// Copies the disk in an image into it, as its owner's, and has it on the disk.
    func write(_ image: DiskImage, _ qemuImg: QEMUImg) throws(ClientFailure) {
        try qemuImg.run(DiskPreparation.conversion(of: image, to: target.format), on: image, into: (file, temporary))
        do throws(Errno) {
            if let old {
                try file.setOwner(old.owner, old.group, permissions: old.permissions)
            } else {
                // Root makes it for whom the folder is.
                let folder = try FileStatus(of: directoryName(path))
                if ProcessIdentity.current().user == 0 {
                    try file.setOwner(folder.owner, folder.group, permissions: 0o600)
                }
            }
            try file.synchronize()
        } catch {
            throw BackupFolder.failure(error, temporary, "cannot be given to its owner: \(error)")
        }
    }

    /// Gives it the name.
    ///
    /// - Returns: the old one's other name.
    func takePlace(at second: Int) throws(ClientFailure) -> String? {
        do throws(Errno) {
            let kept = old == nil ? nil : try keepOld(second)
            if kept == nil {
                // Whoever has put something there meanwhile keeps it.
                do throws(Errno) {
                    try linkFile(temporary, as: path)
                    try removeFile(temporary)
                } catch {
                    guard error == .notPermitted || error == .notSupported else { throw error }
                    try renameFile(temporary, to: path)
                }
            } else {
                try renameFile(temporary, to: path)
            }
            try Folder(directoryName(path), followingLinks: true).synchronize()
            return kept
        } catch {
            throw BackupFolder.failure(
                error, path, "cannot be given its name: \(error); \(quoted(temporary)) has what it is to be")
        }
    }

    /// It has both names for a moment, so that at no time there is none.
    private func keepOld(_ second: Int) throws(Errno) -> String {
        var number = 1
        while true {
            let id = BackupID(atSecond: second, number: number)
            let kept = "\(path).before-restore-\(id.text)"
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

    /// Removes what has been written of it.
    func giveUp() {
        try? removeFile(temporary)
    }
}
