import Backup
import Basics
import Operator

/// `drover offsite now`.
struct OffsiteNow: Command {
    static let declaration = Subcommand(
        "offsite now", "sends them at once, and waits for it", options: [check], OffsiteNow.self)

    private static let check = Option.flag("--check", "and checks the repository afterwards, by OFFSITE_CHECK_DATA")

    let isCheck: Bool

    func run() throws -> Int32 {
        let (restic, folder, configuration) = try OffsiteCommand.setUp()
        let copy = OffsiteCopy(restic, folder, configuration.offsite, log: try OffsiteCommand.log(configuration))
        try copy.send()
        if isCheck { try copy.check() }
        return ClientExit.success.rawValue
    }
}

extension OffsiteNow {
    init(_ arguments: Arguments) {
        isCheck = arguments.has(Self.check)
    }
}
