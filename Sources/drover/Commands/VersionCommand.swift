import Basics

/// `drover version`.
struct VersionCommand: Command {
    static let declaration = Subcommand(
        "version", "print the version", text: "Prints the version of drover.", VersionCommand.self)

    func run() -> Int32 {
        show("drover \(droverVersion)\n")
        return ExitCode.success.rawValue
    }
}

extension VersionCommand {
    init(_ arguments: Arguments) {}
}
