import Basics
import Linux
import Operator

/// `drover status`: what PID 1 knows of the run.
struct StatusCommand: Command {
    static let declaration = Subcommand(
        "status", "what PID 1 knows of the run", needsRun: true,
        options: [json],
        text: """
            Prints the state of the run and since when, the accelerator and why, QEMU's version and pid, how often the
            guest was reset, forwarded ports, how readiness is checked, whether the agent answers, a stop under way, and
            how the last run ended.
            """,
        StatusCommand.self)

    private static let json = Option.flag("--json", "one JSON object instead of text")

    let asJSON: Bool

    func run() throws -> Int32 {
        let status = try connectToPID1().status(until: .now() + .seconds(5))
        show(asJSON ? status.json : status.text)
        return ClientExit.success.rawValue
    }
}

extension StatusCommand {
    init(_ arguments: Arguments) {
        asJSON = arguments.has(Self.json)
    }
}
