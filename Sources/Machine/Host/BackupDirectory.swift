import Basics
import Linux

/// Whether the backups can be where the owner wants them.
enum BackupDirectory {
    static func fault(_ configuration: Configuration, _ process: ProcessIdentity) -> Fault? {
        guard let path = configuration.backup.directory else { return nil }
        func fault(_ kind: Fault.Kind, _ reason: String) -> Fault {
            Fault(kind, "BACKUP_DIR", "\(quoted(path)) \(reason)")
        }
        let found: FoundFile
        do throws(Errno) {
            found = try FoundFile(path)
        } catch {
            let remedy = error == .noSuchFile ? "mount a folder of the host there" : "mount one that this uid can reach"
            return fault(Fault.Kind(error), "cannot be used: \(error); \(remedy)")
        }
        guard found.status.kind == .directory else {
            return fault(.configuration, "is no directory; name the folder of the backups")
        }
        let others = ["/dev", "/proc", "/sys", configuration.operation.runtimeDirectory]
        if let other = others.first(where: { $0 == found.path || isBelow($0, found.path) })
            ?? (found.path == "/" ? "/" : nil)
        {
            return fault(
                .configuration, "is no place for backups, as it is \(other) or in it; mount a folder of the host")
        }
        if let denial = accessDenial(path, reading: true, writing: true, searching: true) {
            return fault(
                .notPermitted,
                "cannot be written by uid \(process.user): \(denial); on the host, chown the folder that is mounted there to "
                    + "\(process.user):\(process.group), and mount it without :ro")
        }
        return nil
    }
}
