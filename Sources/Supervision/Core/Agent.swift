import Linux
import QMP

// The guest agent's part in the run.
extension Supervisor {
    static let noAgentPort = QMPServer.Answer.failure(
        desc: "the machine has no port for a guest agent; set GUEST_AGENT=auto")

    /// Lets the agent's client act and translates what it wants; nothing when the machine has no port for an agent.
    mutating func withAgent(at now: Instant, _ act: (inout AgentClient) -> [AgentClient.Action]) -> [Action] {
        guard var client = agent else { return [] }
        // Or acting would copy what both hold.
        agent = nil
        let wanted = act(&client)
        agent = client
        return wanted.flatMap { action -> [Action] in
            switch action {
            case .send(let bytes, let port, let isProbe): [.sendToAgent(bytes, on: port, isProbe: isProbe)]
            case .answer(let ticket, let reply): [.answer(ticket, reply)]
            case .log(let level, let message): [.log(level, message)]
            case .appeared: withStop(at: now) { $0.agentAppeared(at: now) }
            case .shutdownFailed(let reason): withStop(at: now) { $0.agentRefused(reason, at: now) }
            }
        }
    }
}
