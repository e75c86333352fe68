import Linux
import Operator

/// `drover healthcheck`: one line, and the exit code that the container runtime asks for.
enum HealthcheckCommand {
    /// - Parameter timeout: in seconds.
    static func run(_ depth: HealthCheck.Depth, timeout: Int) -> Int32 {
        let check = HealthCheck(depth, timeout: .seconds(timeout), now: .now())
        let verdict = check.run(socket: runtimeSockets.qmp)
        show(verdict.line + "\n")
        return (verdict.isHealthy ? ClientExit.success : .no).rawValue
    }
}
