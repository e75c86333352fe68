import Basics
import Operator

/// `drover snapshot delete`.
struct SnapshotDelete: Command {
    static let declaration = Subcommand(
        "snapshot delete", "deletes a snapshot", options: [SnapshotCommand.yes], operands: [SnapshotCommand.name],
        text: """
            Frees no space on the host: the image uses it again.
            """,
        SnapshotDelete.self)

    let name: SnapshotName
    let isAgreed: Bool

    func run() throws -> Int32 {
        show(try SnapshotCommand.find().delete(name, isAgreed: isAgreed) + "\n")
        return ClientExit.success.rawValue
    }
}

extension SnapshotDelete {
    init(_ arguments: Arguments) throws(UsageError) {
        name = try SnapshotCommand.name(arguments)
        isAgreed = arguments.has(SnapshotCommand.yes)
    }
}
