import Basics
import Glibc
import Linux
import Operator

/// `drover monitor`: QEMU's human monitor, or QMP.
struct MonitorCommand: Command {
    static let declaration = Subcommand(
        "monitor", "QEMU's monitor: a prompt, a command, or lines of standard input", needsRun: true,
        options: [qmp],
        operands: [Operand("COMMAND", "command", .text, .rest)],
        text: """
            With a command, runs it, prints the answer and exits. Without one, shows a prompt, or runs each line of
            standard input if that is not a terminal. Exits with 1 if QEMU or PID 1 has refused a command.
            """,
        notes: """
            Keys: the arrows, Home, End, Ctrl-A -E -U -W -K; Tab completes a command; Ctrl-C clears the line, or stops
            waiting for an answer; Ctrl-D leaves. Events are shown as they come, on standard error unless at a prompt.
            QMP_POLICY decides what may be asked; everything that is not a query is logged.
            """,
        examples: [
            "drover monitor info block",
            "drover monitor --qmp query-status",
            #"echo '{"execute": "query-block"}' | drover monitor --qmp"#,
        ],
        MonitorCommand.self)

    private static let qmp = Option.flag(
        "--qmp",
        """
        QMP instead of the human monitor: each line is a JSON object, or just a command's name, and the answer is printed \
        as JSON
        """)

    /// Empty: a prompt, or the lines of standard input.
    var command: [String] = []
    var isQMP = false

    func run() throws -> Int32 {
        // Commands may hold passwords.
        hideMemory()
        let input = try Descriptor.duplicate(of: STDIN_FILENO)
        let isAtTerminal = try input.isTerminal && Descriptor.duplicate(of: STDOUT_FILENO).isTerminal
        if command.isEmpty, isAtTerminal { return try prompt() }

        let monitor = Monitor(try connectToPID1(), isQMP: isQMP, write: show, writeAside: writeToStandardError)
        let isAllWell = try command.isEmpty ? monitor.run(linesOf: input) : monitor.run(command.joined(separator: " "))
        return (isAllWell ? ClientExit.success : .no).rawValue
    }

    private func prompt() throws -> Int32 {
        // Before the terminal is changed: what would end us must bring it back first.
        let signals = try SignalDescriptor()
        let input = try StandardStream(STDIN_FILENO)
        let output = try StandardStream(STDOUT_FILENO)
        let prompt = MonitorPrompt(
            try connectToPID1(), isQMP: isQMP, input: input, output: output, signals: signals)
        return switch try prompt.run() {
        case .left: ClientExit.success.rawValue
        case .signal(let signal): signal.shellExitCode
        }
    }
}

extension MonitorCommand {
    init(_ arguments: Arguments) {
        command = arguments.operands
        isQMP = arguments.has(Self.qmp)
    }
}
