import Basics
import Operator

/// `drover guest info`.
struct GuestInfo: Command {
    static let declaration = Subcommand("guest info", "its version and commands", needsRun: true, GuestInfo.self)

    func run() throws -> Int32 {
        show(try GuestAgent(try connectToPID1()).info())
        return ClientExit.success.rawValue
    }
}

extension GuestInfo {
    init(_ arguments: Arguments) {}
}
