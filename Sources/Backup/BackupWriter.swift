import Basics
import Linux
import Machine
import Operator

/// Changes a folder of backups, which it has locked. What is killed at any point leaves complete backups, and `.partial`
/// folders, which the next writer removes.
public struct BackupWriter: Sendable {
    public let folder: BackupFolder
    private let lock: BackupLock

    /// - Parameter holder: what others are told while it lasts, such as `drover backup prune`.
    /// - Throws: with the holder's name, when another one is at work.
    public init(_ folder: BackupFolder, holder: String) throws(ClientFailure) {
        self.folder = folder
        lock = try .write(folder, holder: holder)
    }

    /// The guest's number, which is made by the first backup.
    public func guestID() throws(ClientFailure) -> GuestID {
        if let guest = try folder.guestID() { return guest }
        let guest = GuestID.random()
        try folder.on(BackupFolder.guestName) { () throws(Errno) in
            try folder.folder.write(BackupFolder.guestName, Array("\(guest.text)\n".utf8))
        }
        return guest
    }

    /// Makes the folder of a backup that is to be made.
    ///
    /// - Returns: its path, in which the disks' files are to be.
    public func begin(_ id: BackupID) throws(ClientFailure) -> String {
        let name = id.text + BackupFolder.partialSuffix
        try folder.on(name) { () throws(Errno) in try folder.folder.make(name) }
        return folder.path(of: name)
    }

    /// Digest and size of a disk's file in the folder of a backup that is being made.
    public func measure(
        _ disk: String, of id: BackupID, _ progress: () -> Void = {}
    ) throws(ClientFailure) -> (digest: FileDigest, size: Int64) {
        let name = "\(id.text)\(BackupFolder.partialSuffix)/\(Manifest.Disk.file(of: disk))"
        return try folder.on(name) { () throws(Errno) in
            let file = try folder.folder.folder(id.text + BackupFolder.partialSuffix).file(Manifest.Disk.file(of: disk))
            let digest = try FileDigest(
                of: file, pieceSize: FileDigest.standardPieceSize, threads: ContainerLimits.current().spareCPUs,
                progress)
            return (digest, try file.status().size)
        }
    }

    /// Makes a backup of what has been begun: the disks' files are on the disk before the manifest, and that before the name
    /// without `.partial`.
    public func complete(_ manifest: Manifest) throws(ClientFailure) {
        let name = manifest.id.text + BackupFolder.partialSuffix
        let partial = try folder.on(name) { () throws(Errno) in try folder.folder.folder(name) }
        for disk in manifest.disks {
            let size = try folder.on("\(name)/\(disk.file)") { () throws(Errno) in
                let file = try partial.file(disk.file)
                try file.synchronize()
                return try file.status().size
            }
            guard size == disk.fileSize else {
                throw ClientFailure(
                    .no,
                    "\(quoted(folder.path(of: "\(name)/\(disk.file)"))) has \(size) bytes now, and had \(disk.fileSize) when "
                        + "it was hashed: somebody else writes there")
            }
        }
        try folder.on(name) { () throws(Errno) in
            try partial.write(BackupFolder.manifestName, manifest.encoded)
            try folder.folder.rename(name, to: manifest.id.text)
            try folder.folder.synchronize()
        }
    }

    /// Removes what crashes have left.
    ///
    /// - Returns: the names.
    @discardableResult
    public func removePartials() throws(ClientFailure) -> [String] {
        let names = try folder.list().partials
        for name in names { try removeTree(name) }
        return names
    }

    /// Removes a backup. From the first moment on it is none any more.
    func remove(_ id: BackupID) throws(ClientFailure) {
        let name = id.text + BackupFolder.partialSuffix
        try folder.on(id.text) { () throws(Errno) in
            try folder.folder.rename(id.text, to: name)
            try folder.folder.synchronize()
        }
        try removeTree(name)
    }

    private func removeTree(_ name: String) throws(ClientFailure) {
        try folder.on(name) { () throws(Errno) in try folder.folder.removeTree(name) }
    }
}
