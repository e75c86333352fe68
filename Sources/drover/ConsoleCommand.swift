import Glibc
import Linux
import Operator

/// `drover console`: the guest's first serial port.
enum ConsoleCommand {
    static func run() throws -> Int32 {
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
