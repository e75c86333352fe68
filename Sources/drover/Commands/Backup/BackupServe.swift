import Backup
import Basics
import Linux
import Machine
import Operator
import Supervision

/// `drover backup serve`: the child of PID 1 that makes backups.
struct BackupServe: Command {
    static let declaration = Subcommand(
        "backup serve", "what PID 1 starts to make them; of no use by hand",
        text: """
            Makes the backups of a run, and tests them: by order (drover backup now) and by BACKUP_SCHEDULE and BACKUP_TEST. PID 1 starts it when
            BACKUP_DIR is set, with a channel to QEMU as descriptor 3, and starts it again should it end.
            """,
        BackupServe.self)

    /// The binary's own child, with all of the environment, which names no secret's content.
    static let child = Child(
        name: "backup", arguments: ["backup", "serve"],
        environment: processEnvironment().sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" },
        inherits: [.qmp(.full)], stopOrder: .beforeGuest, limits: ProcessLimits(noNewPrivileges: true))

    func run() throws -> Int32 {
        let parsed = Configuration.parse(processEnvironment())
        guard let directory = parsed.configuration.backup.directory else {
            throw ClientFailure(.usage, "BACKUP_DIR is not set; PID 1 starts this by itself when it is")
        }
        guard let channel = try? Descriptor.duplicate(of: 3) else {
            throw ClientFailure(.usage, "descriptor 3 is no channel to PID 1; use drover backup now")
        }
        let setup = BackupSetup(
            parsed, qemuImg: try qemuImg(), qemuNBD: try toolPath("qemu-nbd"), droverVersion: droverVersion,
            path: executablePath())
        try BackupService(channel, directory, setup) { show($0 + "\n") }.run()
        return ClientExit.success.rawValue
    }
}

extension BackupServe {
    init(_ arguments: Arguments) {}
}
