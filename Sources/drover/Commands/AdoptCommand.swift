import Basics
import Machine

/// `drover adopt`: a QEMU command line in Drover's terms.
struct AdoptCommand: Command {
    static let declaration = Subcommand(
        "adopt", "what of a QEMU command line Drover takes over, as a compose file",
        options: [variables],
        operands: [.extraArguments],
        text: """
            Reads a QEMU command line, with or without the program's name, and prints a compose file with Drover's
            variables, the files to mount and the ports to publish. Standard error has a line for each argument that is
            left out or becomes something else, with the reason. Starts and changes nothing, and looks at no file: paths
            are the host's, and those that are not absolute begin in the compose file's folder. The container's user
            must own the disks.
            """,
        notes: """
            The shell takes the line apart: type or paste it as a script has it, line ends with backslashes included, or
            in quotes as one word. Of what it expands, Drover sees the result.
            """,
        examples: [
            "drover adopt -- qemu-system-x86_64 -m 2G -hda a.qcow2 > compose.yaml",
            "drover adopt --variables -- -drive file=a.img,format=raw,if=virtio",
        ],
        seeAlso: ["environment"],
        AdoptCommand.self)

    private static let variables = Option.flag("--variables", "the variables alone, a line NAME=VALUE for each")

    var hasOnlyVariables = false
    var words: [String] = []

    func run() -> Int32 {
        do throws(Fault) {
            let adoption = try Adoption(words)
            report(adoption.leftOut)
            let lines = adoption.variables.map { "\($0.name)=\($0.value)\n" }.joined()
            show(hasOnlyVariables ? lines : adoption.composeFile)
            return ExitCode.success.rawValue
        } catch {
            report([error])
            return ExitCode(error.kind).rawValue
        }
    }
}

extension AdoptCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        hasOnlyVariables = arguments.has(Self.variables)
        words = arguments.extra
        if words.isEmpty {
            throw UsageError(message: "adopt needs a QEMU command line; write drover adopt -- qemu-system-x86_64 …")
        }
    }
}
