import Backup
import Basics
import Operator

/// `drover backup cancel`.
struct BackupCancel: Command {
    static let declaration = Subcommand(
        "backup cancel", "gives up the one under way, or the test; the next backup lacks nothing for it",
        needsRun: true,
        BackupCancel.self)

    func run() throws -> Int32 {
        try BackupOrders(try connectToPID1()).cancel()
        return ClientExit.success.rawValue
    }
}

extension BackupCancel {
    init(_ arguments: Arguments) {}
}
