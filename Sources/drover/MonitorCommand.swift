import Glibc
import Linux
import Operator

/// `drover monitor`: QEMU's human monitor, or QMP.
enum MonitorCommand {
    static func run(_ command: [String], isQMP: Bool) throws -> Int32 {
        let input = try Descriptor.duplicate(of: STDIN_FILENO)
        let isAtTerminal = try input.isTerminal && Descriptor.duplicate(of: STDOUT_FILENO).isTerminal
        if command.isEmpty, isAtTerminal { return try prompt(isQMP: isQMP) }

        let monitor = Monitor(try connectToPID1(), isQMP: isQMP, write: show, writeAside: writeToStandardError)
        let isAllWell = try command.isEmpty ? monitor.run(linesOf: input) : monitor.run(command.joined(separator: " "))
        return (isAllWell ? ClientExit.success : .no).rawValue
    }

    private static func prompt(isQMP: Bool) throws -> Int32 {
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
