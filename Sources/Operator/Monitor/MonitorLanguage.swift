import Basics
import FoundationEssentials
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

    struct HumanCommand: Encodable {
        let commandLine: String

        enum CodingKeys: String, CodingKey {
            case commandLine = "command-line"
        }
    }

    private struct Command<Arguments: Encodable>: Encodable {
        let execute: String
        let arguments: Arguments?
    }

    /// The line to send; nil for a blank one.
    func command(_ typed: String) throws(ClientFailure) -> [UInt8]? {
        let line = String(typed[...].trimmed)
        if line.isEmpty { return nil }
        switch self {
        case .hmp:
            return encoded(Command(execute: "human-monitor-command", arguments: HumanCommand(commandLine: line)))
        case .qmp:
            if line.hasPrefix("{") {
                guard let value = try? JSONDecoder().decode(AnyJSON.self, from: Data(line.utf8)),
                    case .object = value
                else {
                    throw ClientFailure(
                        .no, "\(quoted(line, limit: 60)) is not one JSON object; see drover help monitor")
                }
                return Array(line.utf8)
            }
            guard line.utf8.allSatisfy(Self.isNameByte) else {
                let remedy = "write a command's name, or JSON such as {\"execute\": \"query-status\"}"
                throw ClientFailure(.no, "\(quoted(line, limit: 60)) is not QMP; \(remedy)")
            }
            return encoded(Command(execute: line, arguments: QMPClient.NoArguments?.none))
        }
    }

    private func encoded(_ command: some Encodable) -> [UInt8] {
        // Strings cannot fail to encode.
        (try? JSONEncoder.forQMP.encode(command)).map(Array.init) ?? []
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
            let output = terminalText(reply.result(as: String.self) ?? "")
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
