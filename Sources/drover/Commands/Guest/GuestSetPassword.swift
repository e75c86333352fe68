import Basics
import Glibc
import Linux
import Operator

/// `drover guest set-password`.
struct GuestSetPassword: Command {
    static let declaration = Subcommand(
        "guest set-password",
        "reads the password from standard input; from a terminal twice, and it is not shown", needsRun: true,
        operands: [GuestCommand.user],
        refusal: "a password does not belong on the command line: it is read from standard input",
        GuestSetPassword.self)

    let user: String

    func run() throws -> Int32 {
        hideMemory()
        let input = try Descriptor.duplicate(of: STDIN_FILENO)
        var password = try PasswordInput.read(from: input, prompt: writeToStandardError)
        defer { wipe(&password) }
        show(try GuestAgent(try connectToPID1()).setPassword(of: user, password))
        return ClientExit.success.rawValue
    }
}

extension GuestSetPassword {
    init(_ arguments: Arguments) {
        user = arguments.operand(0) ?? ""
    }
}
