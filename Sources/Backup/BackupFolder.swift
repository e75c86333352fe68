import Basics
import Linux
import Operator

/// The folder of a guest's backups, `BACKUP_DIR`:
///
///     guest                      whose backups they are: GuestID
///     lock                       locked by whoever is at work, who is named in it (flock(2))
///     20261127T093000Z/          a backup, complete: BackupID
///         manifest.json          Manifest
///         test.json              TestResult, once it has been tested
///         verify.json            VerifyResult, once it has been verified
///         disk0.qcow2 …          an increment's has "../<parent>/disk0.qcow2" behind it
///     20261127T100000Z.partial/  one that is being made, or removed, or was left by a crash
///
/// Nothing else in it is looked at. Links in it are not followed.
public struct BackupFolder: Sendable {
    /// As the owner has written it.
    public let path: String
    let folder: Folder

    static let partialSuffix = ".partial"
    static let manifestName = "manifest.json"
    static let guestName = "guest"
    static let lockName = "lock"

    public init(_ path: String) throws(ClientFailure) {
        self.path = path
        do throws(Errno) {
            folder = try Folder(path, followingLinks: true)
        } catch {
            throw ClientFailure(error, path, "cannot be opened: \(error); it is the folder of the backups")
        }
    }

    /// Of a file in it.
    public func path(of name: String) -> String { path.hasSuffix("/") ? path + name : "\(path)/\(name)" }

    /// Does `work` on a file of the folder; what goes wrong is told with its name.
    func on<Result>(
        _ name: String, _ work: () throws(Errno) -> Result
    ) throws(ClientFailure) -> Result {
        do throws(Errno) {
            return try work()
        } catch {
            throw ClientFailure(error, path(of: name), "cannot be used: \(error)")
        }
    }

    /// Puts what verifying has found beside the manifest, in the place of what was found earlier. Backups may be read meanwhile.
    public func note(_ result: VerifyResult) throws(ClientFailure) { try put(result) }

    /// Puts the result of a test there in the same way.
    func note(_ result: TestResult) throws(ClientFailure) { try put(result) }

    private func put<Note: BackupNote>(_ note: Note) throws(ClientFailure) {
        try on("\(note.id.text)/\(Note.fileName)") { () throws(Errno) in
            try folder.folder(note.id.text).write(Note.fileName, note.encoded)
        }
    }

    /// Nil in a folder without a backup yet.
    public func guestID() throws(ClientFailure) -> GuestID? {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try folder.file(Self.guestName).readToEnd(limit: 64)
        } catch {
            if error == .noSuchFile { return nil }
            throw ClientFailure(error, path(of: Self.guestName), "cannot be read: \(error)")
        }
        guard let guest = GuestID(String(String(decoding: bytes, as: UTF8.self)[...].trimmed)) else {
            throw ClientFailure(
                .no,
                "\(quoted(path(of: Self.guestName))) does not hold a guest's number, 32 hexadecimal digits; write there "
                    + "the one that the manifests have")
        }
        return guest
    }

    public func list() throws(ClientFailure) -> BackupList {
        var list = BackupList()
        let names = try on("") { () throws(Errno) in try folder.names() }
        for name in names.sorted() {
            if name.hasSuffix(Self.partialSuffix) {
                if BackupID(String(name.dropLast(Self.partialSuffix.count))) != nil { list.partials.append(name) }
            } else if let id = BackupID(name) {
                do throws(Manifest.Problem) {
                    list.backups.append(try manifest(of: id))
                    list.tests[id] = note(of: id)
                    list.verifications[id] = note(of: id)
                } catch {
                    list.broken.append(BackupList.Broken(id: id, reason: error.text))
                }
            }
        }
        list.sort()
        return list
    }

    /// Nil: it is not there, or cannot be read.
    private func note<Note: BackupNote>(of id: BackupID) -> Note? {
        (try? folder.folder(id.text).file(Note.fileName).readToEnd(limit: Note.mostBytes)).flatMap { Note($0, of: id) }
    }

    private func manifest(of id: BackupID) throws(Manifest.Problem) -> Manifest {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try folder.folder(id.text).file(Self.manifestName).readToEnd(limit: Manifest.mostBytes)
        } catch {
            throw Manifest.Problem(text: "\(Self.manifestName) cannot be read: \(error)")
        }
        let manifest: Manifest
        do throws(Manifest.Problem) {
            manifest = try Manifest(bytes)
        } catch {
            throw Manifest.Problem(text: "\(Self.manifestName) \(error.text)")
        }
        guard manifest.id == id else {
            throw Manifest.Problem(text: "\(Self.manifestName) is that of \(manifest.id.text)")
        }
        return manifest
    }
}
