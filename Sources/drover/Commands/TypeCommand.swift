import Basics
import Linux
import Operator

/// `drover type`: keys of the guest's keyboard.
struct TypeCommand: Command {
    static let declaration = Subcommand(
        "type", "type on the guest's keyboard", needsRun: true,
        options: [keys],
        operands: [Operand("TEXT", "text to type"), Operand("TEXT", "text to type", .text, .rest)],
        text: """
            Presses the keys that make TEXT on a US keyboard, a line end for Return; several words have a blank between
            them. Which characters the guest makes of it is up to the layout it has set. Nothing is typed if a character
            has no key. What the guest makes of it is on its screen: drover screen.
            """,
        notes: """
            Everyone on this machine can see the words of a command while it runs: a password is better set by drover
            guest set-password. The log has no keys, but says who types.
            """,
        examples: [
            "drover type root",
            "drover type --keys ret",
            "drover type --keys ctrl-alt-delete",
        ],
        TypeCommand.self)

    private static let keys = Option.flag(
        "--keys", "each TEXT is keys to press together, by QEMU's names: ctrl-alt-delete, ret, esc, tab, f1, up")

    let presses: [KeyPress]

    func run() throws -> Int32 {
        try Typing.press(presses, connectToPID1())
        return ClientExit.success.rawValue
    }
}

extension TypeCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        do throws(KeyPress.Unknown) {
            presses =
                arguments.has(Self.keys)
                ? try KeyPress.named(arguments.operands)
                : try KeyPress.typing(arguments.operands.joined(separator: " "))
        } catch {
            switch error {
            case .name(let name):
                let remedy = "write QEMU's names, such as ctrl-alt-delete, ret, esc, tab, spc, f1 or up"
                throw .unknown("key", name, KeyPress.names, else: remedy)
            case .character(let character):
                let remedy = "leave it out, or type what the guest's layout makes it of"
                let reason = "has no key on a US keyboard; nothing was typed"
                throw UsageError(message: "\(quoted(String(character))) \(reason): \(remedy)")
            }
        }
    }
}
