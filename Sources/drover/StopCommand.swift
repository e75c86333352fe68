import Linux
import Operator

/// `drover stop`: the guest comes down, and with it the run.
enum StopCommand {
    static func run(_ request: StopRequest) throws -> Int32 {
        // PID 1's own budget, when `docker exec` has passed its environment on; its default else.
        let set = processEnvironment()["SHUTDOWN_TIMEOUT"].flatMap { Int($0) } ?? 90
        let budget = request.timeout ?? min(max(set, 5), 3600)
        show(try request.carryOut(try connectToPID1(), budget: .seconds(budget)) + "\n")
        return ClientExit.success.rawValue
    }
}
