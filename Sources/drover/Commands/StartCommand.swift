import Basics
import Linux
import Operator

/// `drover start`: the guest that has powered itself off boots again.
struct StartCommand: Command {
    static let declaration = Subcommand(
        "start", "boot the guest that has powered itself off", needsRun: true,
        text: """
            With AFTER_POWEROFF=wait, PID 1 stays when the guest has powered itself off. This has it start QEMU again as it
            did at first, with the same settings, and waits until the guest runs.
            """,
        seeAlso: ["stopping"],
        StartCommand.self)

    func run() throws -> Int32 {
        let socket = runtimeSockets.qmp
        let line = try StartRequest.carryOut { (deadline) throws(ClientFailure) in
            try QMPClient.connect(to: socket, until: deadline)
        }
        show(line + "\n")
        return ClientExit.success.rawValue
    }
}

extension StartCommand {
    init(_ arguments: Arguments) {}
}
