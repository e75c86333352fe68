import Basics
import Operator

/// `drover snapshot revert`.
struct SnapshotRevert: Command {
    static let declaration = Subcommand(
        "snapshot revert", "goes back to a snapshot", options: [SnapshotCommand.yes], operands: [SnapshotCommand.name],
        text: """
            A guest that runs goes on from the moment of the snapshot; its clock may have to be set. If that fails, it goes on
            as it was. What has come since is lost, which --yes agrees to.
            """,
        SnapshotRevert.self)

    let name: SnapshotName
    let isAgreed: Bool

    func run() throws -> Int32 {
        show(try SnapshotCommand.find().revert(to: name, isAgreed: isAgreed) + "\n")
        return ClientExit.success.rawValue
    }
}

extension SnapshotRevert {
    init(_ arguments: Arguments) throws(UsageError) {
        name = try SnapshotCommand.name(arguments)
        isAgreed = arguments.has(SnapshotCommand.yes)
    }
}
