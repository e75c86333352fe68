import Backup
import Basics
import Linux
import Operator

/// `drover offsite healthcheck`.
struct OffsiteHealthcheck: Command {
    static let declaration = Subcommand(
        "offsite healthcheck", "whether the copies elsewhere are as new as they should be",
        text: "Unhealthy are two runs of OFFSITE_SCHEDULE in a row without success, and a repository with errors.",
        OffsiteHealthcheck.self)

    func run() throws -> Int32 {
        let directory = try BackupCommand.configuration(.operation).operation.runtimeDirectory
        show(try OffsiteHealth(directory).read(at: currentSecond()) + "\n")
        return ClientExit.success.rawValue
    }
}

extension OffsiteHealthcheck {
    init(_ arguments: Arguments) {}
}
