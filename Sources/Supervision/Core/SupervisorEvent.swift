import Linux
import QMP

extension Supervisor {
    /// What happens, as the shell sees it.
    public enum Event: Equatable, Sendable {
        case start
        /// The answer to `.launch`.
        case launched(pid: Int32)
        /// The answer to `.launch`: QEMU cannot be executed.
        case launchFailed(Errno)
        case qmp(QMPSession.Incoming)
        /// QEMU's control channel ended, or what came through it cannot be trusted.
        case channelLost(reason: String)
        /// The guest wrote to its console.
        case console(ConsoleFinding)
        case signal(Signal, sender: Int32)
        /// QEMU's word that a disk could not be read or written, and which file that is.
        case diskFailed(QMPEvent.BlockError, in: DiskPlace?)
        /// An operator asks for a stop: `drover stop`.
        case stopRequested(StopRequest)
        /// An operator asks for the guest that has powered itself off: `drover start`.
        case startRequested(QMPServer.Ticket, reason: String)
        /// The shell cannot wait for events, or not hear of signals or children, any more.
        case shellFailed(reason: String)
        /// Bytes from a port for the guest agent.
        case agentOutput([UInt8], from: AgentClient.Port)
        /// The answer to `.lookWhoReadsSerial`: what was written to the second serial port has not been read.
        case nobodyReadsSerial
        /// An operator has a command for the guest agent.
        case agentRequest(AgentRequest)
        /// An operator wants to see the guest's screen.
        case screenAsked(QMPServer.Ticket, cursor: Bool)
        /// Somebody has made the shared folder's CD anew.
        case shareOffered(path: String, QMPServer.Ticket)
        /// Somebody has an order for the child that makes backups.
        case backupOrdered(BackupOrder.Kind, QMPServer.Ticket)
        /// Somebody wants to know how it does.
        case backupStatusAsked(QMPServer.Ticket)
        /// It tells.
        case backupReported(BackupReport, QMPServer.Ticket)
        /// The answer to `.launchChild`.
        case childLaunched(name: String, pid: Int32)
        /// The answer to `.launchChild`: it cannot be executed.
        case childLaunchFailed(name: String, Errno)
        /// A snapshot that an operator had loaded by a line of the human monitor's could not be.
        case revertFailed(reason: String)
        /// A process ended: QEMU, a child, or an orphan that came to PID 1. Everything QEMU had written has been handed
        /// over before; `lastWords` are its last messages.
        case processEnded(pid: Int32, WaitStatus, lastWords: [String])
        case deadline
    }
}
