import Glibc
import Linux
import Machine
import QMP

/// A running QEMU and our ends of its channels, all non-blocking.
final class QEMUProcess {
    let pid: Int32
    /// Its control channel, which nobody else holds.
    let qmp: Descriptor
    var session = QMPSession()
    /// The guest's first serial port.
    let console: Descriptor
    /// The guest's second serial port, when the machine has one.
    let agent: Descriptor?
    /// What QEMU writes to its standard output and error.
    let messages: Descriptor

    /// Starts QEMU at `path`.
    init(_ path: String, _ machine: Machine, _ step: LaunchStep, _ secrets: InheritedSecrets) throws(Errno) {
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
        (self.qmp, self.console, self.agent, self.messages) = (qmp, console, agentPair?.0, messages)
    }

    /// Sends a command.
    ///
    /// - Throws: `.wouldBlock` when QEMU has read nothing for so long that the channel is full.
    func send(_ command: QMPCommand) throws(Errno) {
        let bytes = session.send(command)
        // A stream socket takes a short line whole or, when it is full, not at all.
        if try qmp.write(bytes) < bytes.count { throw .wouldBlock }
    }
}
