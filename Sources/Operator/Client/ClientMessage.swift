import JSON
import QMP

/// One line from PID 1 as a client sees it (QMP specification, "Protocol Specification").
public struct ClientMessage: Sendable {
    public enum Kind: Equatable, Sendable {
        case greeting
        case event(name: String)
        case success
        case failure(class: String, description: String)
    }

    /// The line is not JSON, or no message that QMP knows.
    struct NotUnderstood: Error {}

    public let kind: Kind
    /// Of the command that is answered, when it is one of ours.
    let id: Int?
    /// The whole line, without its end.
    let line: [UInt8]
    private let message: JSONValue

    init(line: [UInt8]) throws(NotUnderstood) {
        // PID 1 is trusted with long answers.
        guard let message = try? JSONParser.parse(line, maximumTokens: .max), let kind = try? Kind(message) else {
            throw NotUnderstood()
        }
        self.kind = kind
        self.line = line
        self.message = message
        id = message["id"]?.integer()
    }

    /// What the command returned.
    public var result: JSONValue? { message["return"] }

    /// What an event brings.
    public var data: JSONValue? { message["data"] }

    /// How the run has ended; nil when it is another event, or none.
    var end: DroverEnd? {
        guard case .event(let name) = kind else { return nil }
        return DroverEnd(event: name, data)
    }

    /// An event for people, such as `SHUTDOWN guest=true reason=guest-shutdown`; nil when it is none.
    var eventText: String? {
        guard case .event(let name) = kind else { return nil }
        let data = data?.brief ?? ""
        return terminalLine(data.isEmpty ? name : "\(name) \(data)")
    }
}

extension ClientMessage.Kind {
    /// The members say what kind of message it is.
    fileprivate init(_ message: JSONValue) throws(JSONMismatch) {
        if let error = message["error"] {
            self = .failure(class: try error.string("class"), description: try error.string("desc"))
        } else if message["return"] != nil {
            self = .success
        } else if message["event"] != nil {
            self = .event(name: try message.string("event"))
        } else {
            _ = try message.member("QMP")
            self = .greeting
        }
    }
}
