import Linux
import Operator

/// `drover status`: what PID 1 knows of the run.
enum StatusCommand {
    static func run(asJSON: Bool) throws -> Int32 {
        let status = try connectToPID1().status(until: .now() + .seconds(5))
        show(asJSON ? status.json : status.text)
        return ClientExit.success.rawValue
    }
}
