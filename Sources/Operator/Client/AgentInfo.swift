import JSON

/// The answer to `guest-info`.
public struct AgentInfo: Equatable, Sendable {
    struct Command: Equatable, Sendable {
        let name: String
        let enabled: Bool?

        init(_ json: JSONValue) throws(JSONMismatch) {
            name = try json.string("name")
            enabled = json.has("enabled") ? try json.boolean("enabled") : nil
        }
    }

    public let version: String?
    let supportedCommands: [Command]?

    public init(_ json: JSONValue) throws(JSONMismatch) {
        version = json.has("version") ? try json.string("version") : nil
        supportedCommands = json.has("supported_commands") ? try json.list("supported_commands", Command.init) : nil
    }

    /// Whether it has that command, and it is not switched off.
    public func offers(_ name: String) -> Bool {
        supportedCommands?.contains { $0.name == name && $0.enabled != false } ?? false
    }

    var text: String {
        let commands = (supportedCommands ?? []).sorted { $0.name < $1.name }
        let lines = commands.map { "  \($0.name)\($0.enabled == false ? " (switched off)" : "")" }
        return (["version: \(version ?? "not told")", "commands:\(commands.isEmpty ? " not told" : "")"] + lines)
            .map { terminalLine($0) + "\n" }.joined()
    }
}
