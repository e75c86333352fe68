import Basics
import Operator

/// `drover snapshot create`.
struct SnapshotCreate: Command {
    static let declaration = Subcommand(
        "snapshot create", "takes a snapshot", operands: [SnapshotCommand.name],
        text: """
            A guest that runs is stopped while what it uses of its memory is written: a second or so for each 100 MiB, as
            fast as the disk's volume is. The image grows by as much. Every disk must be a qcow2.
            """,
        SnapshotCreate.self)

    let name: SnapshotName

    func run() throws -> Int32 {
        show(try SnapshotCommand.find().create(name) { report([$0]) } + "\n")
        return ClientExit.success.rawValue
    }
}

extension SnapshotCreate {
    init(_ arguments: Arguments) throws(UsageError) {
        name = try SnapshotCommand.name(arguments)
    }
}
