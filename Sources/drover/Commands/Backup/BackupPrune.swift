import Backup
import Basics
import Operator

/// `drover backup prune`.
struct BackupPrune: Command {
    static let declaration = Subcommand(
        "backup prune", "removes those that BACKUP_KEEP does not keep, and what crashes have left", options: [dryRun],
        text: """
            What a kept increment lies over stays, the newest that has failed no test, and the newest that has passed one. What cannot be restored counts for
            nothing, and stays: its owner decides.
            """,
        BackupPrune.self)

    private static let dryRun = Option.flag("--dry-run", "say which, and remove nothing")

    let isDry: Bool

    func run() throws -> Int32 {
        let configuration = try BackupCommand.configuration(.backup)
        let folder = try BackupCommand.folder(configuration)
        if isDry {
            let list = try folder.list()
            let names = list.partials + Retention(configuration.backup.keep).decide(list.points).removed.map(\.text)
            show(names.map { "would be removed: \($0)\n" }.joined())
        } else {
            try BackupWriter(folder, holder: "drover backup prune").prune(configuration.backup.keep) {
                show("removed: \($0)\n")
            }
        }
        return ClientExit.success.rawValue
    }
}

extension BackupPrune {
    init(_ arguments: Arguments) {
        isDry = arguments.has(Self.dryRun)
    }
}
