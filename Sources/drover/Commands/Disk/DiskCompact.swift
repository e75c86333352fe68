import Basics
import Operator

/// `drover disk compact`.
struct DiskCompact: Command {
    static let declaration = Subcommand(
        "disk compact", "writes qcow2 disks anew, without what they do not use any more",
        options: [DiskCommand.compress, DiskCommand.clusterSize, DiskCommand.disk],
        text: """
            Each is copied, compared with its copy, and replaced by it; the volume must have room for both meanwhile. The bitmaps of
            backups are kept, so that the next backup is an increment. Of what the guest has deleted, only that goes which it
            has discarded (fstrim) or filled with zeros.
            """,
        DiskCompact.self)

    let layout: DiskCare.Layout
    let number: Int?

    func run() throws -> Int32 {
        for disk in try DiskCommand.find(number) { show(try disk.compact(layout) { report([$0]) } + "\n") }
        return ClientExit.success.rawValue
    }
}

extension DiskCompact {
    init(_ arguments: Arguments) throws(UsageError) {
        layout = DiskCommand.layout(arguments)
        number = try DiskCommand.number(arguments, DiskCommand.disk)
    }
}
