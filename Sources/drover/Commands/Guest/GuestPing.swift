import Basics
import Operator

/// `drover guest ping`.
struct GuestPing: Command {
    static let declaration = Subcommand("guest ping", "whether it answers", needsRun: true, GuestPing.self)

    func run() throws -> Int32 {
        show(try GuestAgent(try connectToPID1()).ping())
        return ClientExit.success.rawValue
    }
}

extension GuestPing {
    init(_ arguments: Arguments) {}
}
