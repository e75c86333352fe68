import Basics
import Linux

/// Whether the backups can be where the owner wants them.
enum BackupDirectory {
    static func fault(_ configuration: Configuration, _ process: ProcessIdentity) -> Fault? {
        do throws(Fault) {
            try check(configuration, process)
            return nil
        } catch {
            return error
        }
    }

    private static func check(_ configuration: Configuration, _ process: ProcessIdentity) throws(Fault) {
        guard let path = configuration.backup.directory else { return }
        let folder = MountedFolder(path: path, variable: "BACKUP_DIR", purpose: "of the backups")
        let found = try folder.find()
        let others = ["/dev", "/proc", "/sys", configuration.operation.runtimeDirectory]
        if let other = others.first(where: { $0 == found.path || isBelow($0, found.path) })
            ?? (found.path == "/" ? "/" : nil)
        {
            throw folder.fault(
                .configuration, "is no place for backups, as it is \(other) or in it; mount a folder of the host")
        }
        try folder.checkAccess(writing: true, process)
    }
}
