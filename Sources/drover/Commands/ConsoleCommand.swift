import Basics
import Glibc
import Linux
import Operator

/// `drover console`: the guest's first serial port.
struct ConsoleCommand: Command {
    static let declaration = Subcommand(
        "console", "the guest's serial console", needsRun: true,
        text: """
            Attaches this terminal to the guest's first serial port, and shows the last 16 KiB that the guest has written.
            Ctrl-] detaches; the guest does not notice. Up to 16 terminals may be attached at once.

            Without a terminal, standard input goes to the guest, and what the guest writes goes to standard output. The
            end of the input does not end it, because the answer is still to come: it stays until the run ends, its reader
            is gone or a signal comes.
            """,
        examples: ["(echo root; sleep 5) | timeout 10 drover console"],
        ConsoleCommand.self)

    func run() throws -> Int32 {
        // Whoever logs in types a password.
        hideMemory()
        // Before the terminal is changed: what would end us must bring it back first.
        let signals = try SignalDescriptor()
        let connection = try RuntimeSockets.connect(to: runtimeSockets.console, until: .now() + .seconds(5))
        let input = try StandardStream(STDIN_FILENO)
        let isTerminal = input.descriptor.isTerminal
        if isTerminal { writeToStandardError("attached to the guest's console; Ctrl-] detaches\n") }
        let session = ConsoleSession(
            connection, input: input, output: try StandardStream(STDOUT_FILENO), signals: signals)
        switch try session.run() {
        case .detached:
            writeToStandardError("detached\n")
        case .closed:
            if isTerminal {
                writeToStandardError("PID 1 has closed the console; the run has ended, or this end was too slow\n")
            }
        case .abandoned: break
        case .signal(let signal): return signal.shellExitCode
        }
        return ClientExit.success.rawValue
    }
}

extension ConsoleCommand {
    init(_ arguments: Arguments) {}
}
