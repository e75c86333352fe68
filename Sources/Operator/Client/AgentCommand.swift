import JSON
import QMP

/// A command for the guest's agent, which PID 1 passes on.
public struct AgentCommand {
    public let execute: String
    public var arguments: JSONValue?
    /// For the agent's answer, in seconds, 1 to 300.
    public let timeout: Int

    public init(execute: String, arguments: JSONValue? = nil, timeout: Int) {
        self.execute = execute
        self.arguments = arguments
        self.timeout = timeout
    }

    public var qmp: QMPCommand {
        QMPCommand(
            DroverCommand.agent.rawValue,
            ["execute": .string(execute), "arguments": arguments, "timeout": .integer(timeout)])
    }
}
