/// The arguments of `drover-agent`, which passes a command to the guest's agent.
struct AgentCommand<Arguments: Encodable>: Encodable {
    let execute: String
    let arguments: Arguments?
    /// For the agent's answer, in seconds, 1 to 300.
    let timeout: Int

    init(execute: String, arguments: Arguments, timeout: Int) {
        self.execute = execute
        self.arguments = arguments
        self.timeout = timeout
    }
}

extension AgentCommand where Arguments == QMPClient.NoArguments {
    init(execute: String, timeout: Int) {
        self.execute = execute
        arguments = nil
        self.timeout = timeout
    }
}
