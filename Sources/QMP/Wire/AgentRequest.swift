import JSON

/// A command for the guest agent (QEMU Guest Agent Protocol Reference): a line of JSON.
public struct AgentRequest: Equatable, Sendable {
    /// Whose answer it is to be.
    public let ticket: QMPServer.Ticket
    /// The command's name.
    public let execute: String
    /// With its line end.
    public let line: [UInt8]
    /// From now until the answer.
    public let timeout: Duration

    /// - Parameter arguments: a JSON object in one line.
    public init(_ ticket: QMPServer.Ticket, execute: String, arguments: [UInt8]?, timeout: Duration) {
        self.ticket = ticket
        self.timeout = timeout
        self.execute = execute
        let arguments = arguments.map { Array(#","arguments":"#.utf8) + $0 } ?? []
        line = Array(#"{"execute":\#(execute.jsonQuoted)"#.utf8) + arguments + Array("}\n".utf8)
    }

    /// What the kit's agent says, after a byte 0xFF, when it has opened the port.
    public static let announcement = Array(#"{"drover-agent": "listens"}"#.utf8)
    public static let ping = Array(#"{"execute":"guest-ping"}"#.utf8) + [UInt8(ascii: "\n")]
    public static let thaw = Array(#"{"execute":"guest-fsfreeze-thaw"}"#.utf8) + [UInt8(ascii: "\n")]
    public static let shutdown =
        Array(#"{"execute":"guest-shutdown","arguments":{"mode":"powerdown"}}"#.utf8) + [UInt8(ascii: "\n")]

    /// The byte 0xFF makes the agent forget what it has of a line; its reply begins with one too.
    public static func sync(id: Int) -> [UInt8] {
        [0xff] + Array(#"{"execute":"guest-sync-delimited","arguments":{"id":\#(id)}}"#.utf8) + [UInt8(ascii: "\n")]
    }
}
