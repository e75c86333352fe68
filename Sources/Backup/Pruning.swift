import Machine
import Operator

extension BackupWriter {
    /// Removes what crashes have left, and the backups that are not to be kept.
    ///
    /// - Parameter removed: told of each when it is gone.
    public func prune(
        _ keep: Configuration.BackupKeep?, removed: (String) -> Void = { _ in }
    ) throws(ClientFailure) {
        for name in try removePartials() { removed(name) }
        for id in Retention(keep).decide(try folder.list().points).removed {
            try remove(id)
            removed(id.text)
        }
    }
}
