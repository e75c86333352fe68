import Basics
import Operator

/// `drover snapshot list`.
struct SnapshotList: Command {
    static let declaration = Subcommand(
        "snapshot list", "lists them: when each was taken, of which disks, how much memory is kept", options: [json],
        SnapshotList.self)

    private static let json = Option.flag("--json", "one JSON array; memory in bytes")

    let asJSON: Bool

    func run() throws -> Int32 {
        let table = try SnapshotCommand.find().table
        show(asJSON ? table.jsonValue.encodedText(.readable) + "\n" : table.text)
        return ClientExit.success.rawValue
    }
}

extension SnapshotList {
    init(_ arguments: Arguments) {
        asJSON = arguments.has(Self.json)
    }
}
