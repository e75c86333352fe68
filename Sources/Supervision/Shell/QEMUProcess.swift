import Linux
import Machine

/// A running QEMU and our ends of its channels, all non-blocking. Letting go of it closes them.
final class QEMUProcess {
    /// QEMU's ends. They stay blocking: it sets what it needs itself.
    struct Ends {
        let qmp: Descriptor
        let console: Descriptor
        let agents: [AgentClient.Port: Descriptor]
        let clients: Descriptor
        let output: Descriptor
    }

    let pid: Int32
    /// PID 1's own.
    let qmp: QMPChannel
    /// What clients' commands go through, so that none of ours ever waits behind them.
    let clients: QMPChannel
    let console: GuestConsole
    /// None when the machine has no ports for an agent.
    let agents: [AgentClient.Port: AgentPort]
    let messages: QEMUMessages

    /// Starts QEMU and enters its channels into the epoll set.
    init(_ launcher: QEMULauncher, _ step: LaunchStep, console use: GuestConsole.Use, epoll: Epoll, log: Log)
        throws(Errno)
    {
        let (qmp, qemusQMP) = try Descriptor.socketPair()
        let (clients, qemusClients) = try Descriptor.socketPair()
        let (console, qemusConsole) = try Descriptor.socketPair()
        let (messages, qemusOutput) = try Descriptor.pipe()
        for descriptor in [qmp, clients, console, messages] { try descriptor.setNonBlocking(true) }
        var agents: [AgentClient.Port: AgentPort] = [:]
        var qemusAgents: [AgentClient.Port: Descriptor] = [:]
        for port in launcher.machine.hasAgentPorts ? AgentClient.Port.allCases : [] {
            let (ours, qemus) = try Descriptor.socketPair()
            try ours.setNonBlocking(true)
            agents[port] = try AgentPort(ours, port, epoll: epoll)
            qemusAgents[port] = qemus
        }

        self.qmp = try QMPChannel(qmp, .qmp, epoll: epoll)
        self.clients = try QMPChannel(clients, .clients, epoll: epoll)
        self.console = try GuestConsole(console, use, epoll: epoll, log: log)
        self.agents = agents
        self.messages = try QEMUMessages(messages, launcher.machine.descriptorNames, epoll: epoll, log: log)
        // Last, so that no QEMU runs of which nobody knows.
        pid = try launcher.start(
            step,
            Ends(
                qmp: qemusQMP, console: qemusConsole, agents: qemusAgents, clients: qemusClients, output: qemusOutput))
    }
}
