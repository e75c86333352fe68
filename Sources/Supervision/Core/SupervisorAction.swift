import Basics
import Linux
import Machine
import QMP

extension Supervisor {
    /// What the shell is to do, in order.
    public enum Action: Equatable, Sendable {
        case launch(LaunchStep)
        case send(QMPCommand)
        /// Bytes for the guest agent; a probe is left out while the guest has not read what is there already.
        case sendToAgent([UInt8], on: AgentClient.Port, isProbe: Bool)
        /// To be answered by `.nobodyReadsSerial`, when that is so.
        case lookWhoReadsSerial
        /// The guest agent's answer to a command of an operator.
        case answer(QMPServer.Ticket, QMPServer.Answer)
        case launchChild(Child)
        /// There is no QEMU, and will be none before `.launch`: clients are served without it.
        case serveWithoutQEMU
        /// An event on the channel of that child, with its end.
        case tell(child: String, [UInt8])
        case kill(pid: Int32, Signal)
        case log(LogLevel, String)
        /// The last action there ever is.
        case exit(ExitCode, reason: String)
    }
}
