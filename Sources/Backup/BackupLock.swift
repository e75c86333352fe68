import Basics
import Linux
import Operator

/// The right to write into a folder of backups, or that nobody does meanwhile. It goes with the last copy.
public struct BackupLock: Sendable {
    /// Nil where nobody can write.
    private let file: Descriptor?

    /// - Parameter holder: what others are told, such as `drover backup prune`.
    static func write(_ folder: BackupFolder, holder: String) throws(ClientFailure) -> BackupLock {
        let file = try folder.on(BackupFolder.lockName) { () throws(Errno) in
            do throws(Errno) {
                return try folder.folder.file(BackupFolder.lockName, [.readWrite, .create])
            } catch .permissionDenied {
                // Another user has made it; it can be locked all the same.
                return try folder.folder.file(BackupFolder.lockName)
            }
        }
        do throws(Errno) {
            try file.lock(exclusively: true)
        } catch {
            guard error == .wouldBlock else { throw folder.lockFailure(error) }
            // If others may read as well, nobody writes.
            let isRead = (try? file.lock(exclusively: false)) != nil
            throw busy(folder, isRead ? "a verify or restore that reads it" : holderText(file))
        }
        // A name that cannot be written is no reason to do nothing.
        try? file.truncate(to: 0)
        _ = try? file.write(Array("\(holder)\n".utf8))
        return BackupLock(file: file)
    }

    /// Of a folder that cannot be written to by anybody here, nothing has to be locked.
    static func read(_ folder: BackupFolder) throws(ClientFailure) -> BackupLock {
        let file: Descriptor
        do throws(Errno) {
            do throws(Errno) {
                file = try folder.folder.file(BackupFolder.lockName)
            } catch {
                guard error == .noSuchFile else { throw error }
                file = try folder.folder.file(BackupFolder.lockName, .create)
            }
        } catch {
            guard error == .readOnlyFileSystem || error == .permissionDenied else { throw folder.lockFailure(error) }
            return BackupLock(file: nil)
        }
        do throws(Errno) {
            try file.lock(exclusively: false)
        } catch {
            guard error == .wouldBlock else { throw folder.lockFailure(error) }
            throw busy(folder, holderText(file))
        }
        return BackupLock(file: file)
    }

    private static func busy(_ folder: BackupFolder, _ holder: String) -> ClientFailure {
        ClientFailure(.deadline, "\(quoted(folder.path)) is in use by \(holder); try again when that is done")
    }

    private static func holderText(_ file: Descriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = (try? file.read(into: &bytes, from: 0, at: 0)) ?? 0
        let text = String(decoding: bytes[..<count], as: UTF8.self)[...].trimmed
        return text.isEmpty ? "another one" : terminalLine(String(text))
    }
}

extension BackupFolder {
    fileprivate func lockFailure(_ error: Errno) -> ClientFailure {
        ClientFailure(error, path(of: Self.lockName), "cannot be locked: \(error)")
    }

    /// - Returns: what keeps others from writing.
    public func lockForReading() throws(ClientFailure) -> BackupLock { try .read(self) }
}
