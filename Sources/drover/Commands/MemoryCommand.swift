import Basics
import Operator

/// `drover memory`.
struct MemoryCommand: Command {
    static let declaration = Subcommand(
        "memory", "what the guest has of its memory; take some back, or give it again", needsRun: true,
        operands: [Operand("SIZE", "size", .text, .optional)],
        text: """
            Without SIZE: what the guest was given (QEMU_RAM), what it has of that now, and what it says itself. With SIZE, in MiB
            or with a suffix such as 512M or 4G, the guest is to keep that much; waits until it does, or says how far it has
            come. A guest that is short of memory swaps, or ends programs. It needs QEMU_BALLOON=on and a driver in the guest.
            """,
        examples: ["docker exec NAME drover memory", "docker exec NAME drover memory 1G"],
        MemoryCommand.self)

    /// Nil: it is only shown.
    let size: MiB?

    func run() throws -> Int32 {
        let balloon = try Balloon(try connectToPID1())
        if let size { show(try balloon.set(to: size)) } else { show(try balloon.text()) }
        return ClientExit.success.rawValue
    }
}

extension MemoryCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        guard let text = arguments.operand(0) else {
            size = nil
            return
        }
        do throws(Rejection) {
            size = try MiB(parsing: text)
        } catch {
            throw UsageError(message: "memory: \(error.messages.joined(separator: "; "))")
        }
    }
}
