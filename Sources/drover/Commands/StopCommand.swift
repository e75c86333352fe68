import Basics
import Linux
import Machine
import Operator

/// `drover stop`: the guest comes down, and with it the run.
struct StopCommand: Command {
    static let declaration = Subcommand(
        "stop", "stop the guest, and wait for the end of the run", needsRun: true,
        options: [force, timeout],
        text: """
            Asks PID 1 to stop the guest as SIGTERM does, waits for the end of the run and says how it went, as the log
            does. Exits with 1 if the guest was cut off.
            The container ends with the run; a restart policy may start it again.
            """,
        seeAlso: ["stopping"],
        StopCommand.self)

    private static let force = Option.flag("--force", "have QEMU quit at once, which cuts the guest off")
    private static let timeout = Option.seconds("--timeout", ShutdownBudget.range, "instead of SHUTDOWN_TIMEOUT")

    let request: StopRequest

    func run() throws -> Int32 {
        // PID 1's own budget, when `docker exec` has passed its environment on; its default else.
        let configuration = Configuration.parse(processEnvironment()).configuration
        let budget = Duration.seconds(request.timeout ?? configuration.operation.shutdownTimeout)
        let client = try connectToPID1()
        // PID 1 waits until we hang up, and its end is ours in a container: nothing but our own end may do that.
        _ = Unmanaged.passRetained(client)
        show(try request.carryOut(client, budget: budget) + "\n")
        return ClientExit.success.rawValue
    }
}

extension StopCommand {
    init(_ arguments: Arguments) {
        request = StopRequest(force: arguments.has(Self.force), timeout: arguments.seconds(Self.timeout))
    }
}
