import Glibc
import Linux
import Operator

extension ClientInvocation {
    /// - Returns: the exit code.
    func run() throws -> Int32 {
        switch self {
        case .monitor(let command, let isQMP): return try MonitorCommand.run(command, isQMP: isQMP)
        case .console: return try ConsoleCommand.run()
        case .healthcheck(let depth, let timeout): return HealthcheckCommand.run(depth, timeout: timeout)
        case .status(let asJSON): return try StatusCommand.run(asJSON: asJSON)
        case .screenshot(let path): return try ScreenshotCommand.run(path)
        case .stop(let request): return try StopCommand.run(request)
        case .guest(let command): return try command.run()
        case .provision(let command): return try command.run()
        }
    }
}

/// PID 1's sockets, where the environment says that they are.
var runtimeSockets: RuntimeSockets { RuntimeSockets(environment: processEnvironment()) }

/// For PID 1 to take the connection and greet, which it does once QEMU has.
func connectToPID1() throws(ClientFailure) -> QMPClient {
    try QMPClient.connect(to: runtimeSockets.qmp, until: .now() + .seconds(5))
}

/// Writes to standard output at once: whoever feeds us lines may wait for each answer.
func show(_ text: String) {
    print(text, terminator: "")
    fflush(nil)
}
