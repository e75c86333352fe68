import JSON
import QMP

/// A command for the guest's agent, which PID 1 passes on.
struct AgentCommand {
    let execute: String
    var arguments: JSONValue?
    /// For the agent's answer, in seconds, 1 to 300.
    let timeout: Int

    var qmp: QMPCommand {
        QMPCommand(
            DroverCommand.agent.rawValue,
            ["execute": .string(execute), "arguments": arguments, "timeout": .integer(timeout)])
    }
}
