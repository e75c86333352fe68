import Basics
import JSON
import Machine
import QMP

/// What a line typed at the monitor means, and what an answer says to a person.
enum MonitorLanguage: Equatable, Sendable {
    /// The human monitor, through `human-monitor-command`.
    case hmp
    /// JSON as it is, or a bare command name.
    case qmp

    /// PID 1's own commands, which QEMU does not list.
    static let ownCommands = DroverCommand.allCases.map(\.rawValue)

    var prompt: String { self == .hmp ? "(hmp) " : "(qmp) " }

    /// A line for the human monitor.
    static func human(_ line: String) -> QMPCommand {
        QMPCommand("human-monitor-command", ["command-line": .string(line)])
    }

    /// The line to send; nil for a blank one.
    func command(_ typed: String) throws(ClientFailure) -> [UInt8]? {
        let line = String(typed[...].trimmed)
        if line.isEmpty { return nil }
        switch self {
        case .hmp:
            return Self.human(line).encoded(id: nil)
        case .qmp:
            if line.hasPrefix("{") {
                guard (try? JSONParser.parse(Array(line.utf8)))?.members != nil else {
                    throw ClientFailure(
                        .no, "\(quoted(line, limit: 60)) is not one JSON object; see drover help monitor")
                }
                return Array(line.utf8)
            }
            guard line.utf8.allSatisfy(Self.isNameByte) else {
                let remedy = "write a command's name, or JSON such as {\"execute\": \"query-status\"}"
                throw ClientFailure(.no, "\(quoted(line, limit: 60)) is not QMP; \(remedy)")
            }
            return QMPCommand(line).encoded(id: nil)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }

    /// What is shown of an answer, whole lines fit for a terminal, and whether it means yes.
    func answer(_ reply: ClientMessage) -> (text: String, isSuccess: Bool) {
        if self == .qmp {
            let isFailure = if case .failure = reply.kind { true } else { false }
            return (Self.raw(reply), !isFailure)
        }
        switch reply.kind {
        case .failure(_, let description): return ("\(terminalLine(description))\n", false)
        default:
            let output = terminalText(reply.result?.text ?? "")
            let isComplete = output.isEmpty || output.hasSuffix("\n")
            return (isComplete ? output : output + "\n", !HMPText.isFailure(output))
        }
    }

    /// An event, a line.
    func event(_ reply: ClientMessage) -> String {
        self == .qmp ? Self.raw(reply) : "event: \(reply.eventText ?? "")\n"
    }

    private static func raw(_ reply: ClientMessage) -> String {
        terminalLine(String(decoding: reply.line, as: UTF8.self)) + "\n"
    }
}
