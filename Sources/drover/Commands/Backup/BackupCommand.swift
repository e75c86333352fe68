import Backup
import Basics
import Linux
import Machine
import Operator

/// `drover backup`: copies of the guest's disks, made while it runs.
enum BackupCommand {
    static let declaration = Subcommand(
        "backup", "copies of the guest's disks, made while it runs: now, list, verify, test, prune",
        text: """
            The backups of a guest lie in the folder BACKUP_DIR, which the environment names: full ones, and increments of
            them. A run makes them by order, or by BACKUP_SCHEDULE. What only looks at the folder needs no run.
            """,
        notes: "drover restore brings one back.",
        examples: [
            "docker exec NAME drover backup now --label before-upgrade",
            "docker exec NAME drover backup list",
            "docker compose run --rm hurd backup verify --all",
            "docker exec NAME drover backup test",
            "docker exec NAME drover backup prune --dry-run",
        ],
        verbs: [
            BackupNow.declaration, BackupCancel.declaration, BackupListing.declaration, BackupVerify.declaration,
            BackupTest.declaration, BackupPrune.declaration, BackupServe.declaration,
        ])

    /// What the environment says of backups and disks.
    ///
    /// - Parameter sections: in which no variable may be faulty.
    static func configuration(_ sections: Variable.Section...) throws(ClientFailure) -> Configuration {
        let parsed = Configuration.parse(processEnvironment())
        let names = Set(Variable.all.filter { sections.contains($0.section) }.map(\.name))
        if let fault = parsed.faults.first(where: { names.contains($0.source) }) {
            throw ClientFailure(.usage, fault.description)
        }
        return parsed.configuration
    }

    static func folder(_ configuration: Configuration) throws(ClientFailure) -> BackupFolder {
        guard let directory = configuration.backup.directory else {
            throw ClientFailure(.absent, "BACKUP_DIR is not set; it names the folder of the backups")
        }
        return try BackupFolder(directory)
    }

    static func id(_ text: String) throws(UsageError) -> BackupID {
        guard let id = BackupID(text) else {
            throw UsageError(
                message:
                    "\(quoted(text, limit: 60)) is no backup's name; write one that drover backup list shows, such as "
                    + "20261127T093000Z")
        }
        return id
    }
}
