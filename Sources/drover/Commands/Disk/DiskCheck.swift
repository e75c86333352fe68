import Basics
import Operator

/// `drover disk check`.
struct DiskCheck: Command {
    static let declaration = Subcommand(
        "disk check", "whether their tables are sound; exits with 1 if not", options: [DiskCommand.disk],
        text: "Changes nothing. What the guest's file system looks like is not known by that.",
        DiskCheck.self)

    let number: Int?

    func run() throws -> Int32 {
        var isGood = true
        for disk in try DiskCommand.find(number) {
            let found = try disk.check()
            show(found.text + "\n")
            isGood = isGood && found.isGood
        }
        return (isGood ? ClientExit.success : .no).rawValue
    }
}

extension DiskCheck {
    init(_ arguments: Arguments) throws(UsageError) {
        number = try DiskCommand.number(arguments, DiskCommand.disk)
    }
}
