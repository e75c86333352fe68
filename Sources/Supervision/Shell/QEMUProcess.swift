import Glibc
import Linux
import Machine
import QMP

/// A running QEMU and our ends of its channels, all non-blocking.
final class QEMUProcess {
    let pid: Int32
    /// Its control channel, which nobody else holds.
    let qmp: Connection
    var session = QMPSession()
    /// Lines that QEMU has not read yet: at most as many as clients may have in flight, and our own few.
    private var outgoing = Outbox()
    /// The guest's first serial port.
    let console: Connection
    /// The guest's second serial port, when the machine has one.
    let agent: Descriptor?
    /// What QEMU writes to its standard output and error.
    let messages: Descriptor

    /// Starts QEMU at `path` and enters its channels into the epoll set.
    init(
        _ path: String, _ machine: VirtualMachine, _ step: LaunchStep, _ secrets: InheritedSecrets, in epoll: Epoll
    ) throws(Errno) {
        // QEMU's ends stay blocking: it sets what it needs itself.
        let (qmp, qemusQMP) = try Descriptor.socketPair()
        let (console, qemusConsole) = try Descriptor.socketPair()
        let agentPair = machine.hasAgentPort ? try Descriptor.socketPair() : nil
        let (messages, qemusOutput) = try Descriptor.pipe()
        for descriptor in [qmp, console, messages] { try descriptor.setNonBlocking(true) }
        try agentPair?.0.setNonBlocking(true)

        pid = try Spawn(
            path: path,
            arguments: ["qemu-system-x86_64"] + machine.arguments(for: step),
            environment: ["LC_ALL=C"],  // its messages are read; nothing else is its business
            descriptors: [
                try Descriptor.open("/dev/null"), qemusOutput, qemusOutput, qemusQMP, qemusConsole, agentPair?.1,
                machine.hasSeed ? secrets.seed : nil, machine.vnc == .port ? secrets.vncPassword : nil,
            ],
            // Should we die, QEMU flushes and closes the images by itself.
            parentDeathSignal: .terminate
        ).start()
        self.qmp = try Connection(qmp, .qmp, in: epoll)
        self.console = try Connection(console, .console, in: epoll)
        (self.agent, self.messages) = (agentPair?.0, messages)
        try epoll.add(messages, token: Source.messages.token, .readable)
        if let agent { try epoll.add(agent, token: Source.agent.token, .readable) }
    }

    func send(_ command: QMPCommand) {
        send(session.send(command))
    }

    /// Sends a whole line, behind those that wait.
    func send(_ line: [UInt8]) {
        outgoing.append(line)
        flush()
    }

    func canWriteQMP() {
        qmp.canWrite()
        flush()
    }

    private func flush() {
        if !outgoing.isEmpty { outgoing.discard(first: qmp.write(outgoing.bytes, from: outgoing.start)) }
        qmp.wait(forInput: true)
    }
}
