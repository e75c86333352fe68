import JSON

/// One line from QEMU (QMP specification, "Protocol Specification").
public enum QMPMessage: Equatable, Sendable {
    /// The first line, with QEMU's version.
    case greeting(version: String)
    /// A command was carried out; what it returned.
    case success(id: Int?, JSONValue)
    /// A command was refused. Without an id, QEMU could not read the command at all.
    case failure(id: Int?, reason: String)
    case event(QMPEvent)

    /// The line is not JSON, or no message that QMP knows.
    public struct NotUnderstood: Error, Equatable, Sendable {
        public init() {}
    }

    public init(line: [UInt8]) throws(NotUnderstood) {
        // QEMU is trusted with long answers.
        guard let message = try? JSONParser.parse(line, maximumTokens: .max),
            let understood = try? QMPMessage(message)
        else { throw NotUnderstood() }
        self = understood
    }

    private init(_ message: JSONValue) throws {
        let id: Int? = message["id"]?.integer()
        if let greeting = message["QMP"] {
            let qemu = try greeting.member("version").member("qemu")
            let numbers = try ["major", "minor", "micro"].map { try qemu.integer($0, as: Int.self) }
            self = .greeting(version: numbers.map(String.init).joined(separator: "."))
        } else if message["event"] != nil {
            self = .event(QMPEvent(name: try message.string("event"), data: message["data"]))
        } else if let error = message["error"] {
            self = .failure(id: id, reason: "\(try error.string("desc")) (\(try error.string("class")))")
        } else {
            self = .success(id: id, try message.member("return"))
        }
    }
}
