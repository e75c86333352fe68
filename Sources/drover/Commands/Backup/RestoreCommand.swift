import Backup
import Basics
import Linux
import Operator

/// `drover restore`: the disks as they were at a backup's point in time.
struct RestoreCommand: Command {
    static let declaration = Subcommand(
        "restore", "bring the disks back to a backup",
        options: [to, disk, from], operands: [Operand("ID", "backup")],
        text: """
            The backup, and what it lies over, is verified first. Then each disk is written into a new file beside the old one,
            and takes its name when all of them are on the disk; the old one is kept as FILE.before-restore-TIME. No guest may
            have the disk meanwhile.
            """,
        notes: "The next backup after it is a full one.",
        examples: [
            "docker compose run --rm hurd restore 20261127T093000Z",
            "docker exec NAME drover restore 20261127T093000Z --to /opt/hurd-image/x.qcow2",
        ],
        RestoreCommand.self)

    private static let to = Option.file("--to", "into a new file, which leaves the machine's disks alone")
    private static let disk = Option.text(
        "--disk", "N", "of its disks this one alone, counted from 0", unlessGiven: "all")
    private static let from = Option.text("--from", "DIR", "the folder of the backups", unlessGiven: "BACKUP_DIR")

    let id: BackupID
    let file: String?
    let number: Int?
    let directory: String?

    func run() throws -> Int32 {
        let folder: BackupFolder
        if let directory {
            folder = try BackupFolder(directory)
        } else {
            folder = try BackupCommand.folder(try BackupCommand.configuration(.backup))
        }
        let restoration = try Restoration(folder, id, try qemuImg())
        let targets: [RestoreTarget]
        if let file {
            targets = try RestoreTarget.file(file, disk: number, of: restoration.manifest)
        } else {
            targets = try RestoreTarget.machine(
                try BackupCommand.configuration(.disks), disk: number, of: restoration.manifest)
        }
        let lines = try restoration.run(targets, at: currentSecond()) { report([$0]) }
        show(lines.map { $0 + "\n" }.joined())
        return ClientExit.success.rawValue
    }
}

extension RestoreCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        id = try BackupCommand.id(arguments.operand(0) ?? "")
        file = arguments.text(Self.to)
        directory = arguments.text(Self.from)
        number = try DiskCommand.number(arguments, Self.disk)
    }
}
