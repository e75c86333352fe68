import Backup
import Basics
import Operator

/// `drover backup list`.
struct BackupListing: Command {
    static let declaration = Subcommand(
        "backup list", "lists them, and what looks like one and cannot be restored", options: [json],
        text: """
            What is in the files is not looked at: drover backup verify does that. The columns TEST and VERIFIED say how the last
            drover backup test and verify of each went.
            """,
        BackupListing.self)

    private static let json = Option.flag("--json", "one JSON object; sizes in bytes")

    let asJSON: Bool

    func run() throws -> Int32 {
        let table = BackupTable(try BackupCommand.folder(try BackupCommand.configuration(.backup)).list())
        show(asJSON ? table.jsonValue.encodedText(.readable) + "\n" : table.text)
        return ClientExit.success.rawValue
    }
}

extension BackupListing {
    init(_ arguments: Arguments) {
        asJSON = arguments.has(Self.json)
    }
}
