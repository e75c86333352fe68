import Basics
import Operator

/// `drover disk resize`.
struct DiskResize: Command {
    static let declaration = Subcommand(
        "disk resize", "makes one larger", options: [DiskCommand.oneDisk], operands: [Operand("SIZE", "size")],
        text: "Nothing in it is moved. It is never made smaller.",
        DiskResize.self)

    let size: MiB
    let number: Int?

    func run() throws -> Int32 {
        show(try DiskCommand.findOne(number).grow(to: size) + "\n")
        return ClientExit.success.rawValue
    }
}

extension DiskResize {
    init(_ arguments: Arguments) throws(UsageError) {
        do throws(Rejection) {
            size = try MiB(parsing: arguments.operand(0) ?? "")
        } catch {
            throw UsageError(message: "disk resize: \(error.messages.joined(separator: "; "))")
        }
        number = try DiskCommand.number(arguments, DiskCommand.oneDisk)
    }
}
