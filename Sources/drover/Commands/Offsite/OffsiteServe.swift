import Backup
import Basics
import Operator

/// `drover offsite serve`.
struct OffsiteServe: Command {
    static let declaration = Subcommand(
        "offsite serve", "sends them by OFFSITE_SCHEDULE, until it is stopped", OffsiteServe.self)

    func run() throws -> Int32 {
        let (restic, folder, configuration) = try OffsiteCommand.setUp()
        let health = OffsiteHealth(configuration.operation.runtimeDirectory)
        let log = try OffsiteCommand.log(configuration)
        try OffsiteService(restic, folder, configuration.offsite, health, log: log).run()
        return ClientExit.success.rawValue
    }
}

extension OffsiteServe {
    init(_ arguments: Arguments) {}
}
