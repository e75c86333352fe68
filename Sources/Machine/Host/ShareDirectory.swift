import Basics
import Linux

/// Whether the folder can be shared with the guest.
public enum ShareDirectory {
    public static func check(_ configuration: Configuration, _ process: ProcessIdentity) throws(Fault) {
        guard let path = configuration.share.directory else { return }
        let isWritten = configuration.share.mode == .rw
        let folder = MountedFolder(path: path, variable: "SHARE_DIR", purpose: "to share")
        if let other = conflict(try folder.find().path, configuration) {
            throw folder.fault(
                .configuration,
                "cannot be shared, as \(other) would be the guest's too; mount a folder of its own for it")
        }
        try folder.checkAccess(writing: isWritten, process, otherwise: "set SHARE_MODE=ro")
        if isWritten, !hasExtendedAttributes(path) {
            throw folder.fault(
                .configuration,
                "is on a file system without extended attributes (user.*), in which the guest's owners and modes are kept; use "
                    + "another, such as ext4, XFS or Btrfs, or set SHARE_MODE=ro")
        }
    }

    /// What of ours, and of the guest's own, would be in the folder, or is the folder it lies in.
    private static func conflict(_ folder: String, _ configuration: Configuration) -> String? {
        for system in ["/dev", "/proc", "/sys"] where folder == system || isBelow(system, folder) { return system }
        let (operation, guest) = (configuration.operation, configuration.guest)
        for directory in [operation.runtimeDirectory, operation.screenDirectoryPath].compactMap({ $0 }).map(resolved)
        where folder == directory || isBelow(directory, folder) || isBelow(folder, directory) {
            return quoted(directory)
        }
        let secrets = [
            guest.rootPasswordFile, guest.userPasswordFile, guest.authorizedKeysFile,
            configuration.machine.vncPasswordFile,
        ]
        let disks = configuration.disks.all.map(\.path) + [configuration.disks.base?.path].compactMap { $0 }
        let backups = [configuration.backup.directory].compactMap { $0 }
        let inside = ["/run/secrets", "/proc"] + disks + configuration.disks.allowBacking + backups + secrets
        for path in inside {
            let path = resolved(path)
            if folder == path || isBelow(folder, path) { return quoted(path) }
        }
        return backups.map(resolved).first { isBelow($0, folder) }.map { quoted($0) }
    }

    /// Without links. What is not there lies where its folder does.
    private static func resolved(_ path: String) -> String {
        if let found = try? FoundFile(path) { return found.path }
        let folder = directoryName(path)
        return folder == path || folder == "." || folder == "/"
            ? path : resolved(folder) + path.dropFirst(folder.utf8.count)
    }
}
