import Linux
import QMP

/// A helper of PID 1's: another process of the same binary, which the guest does not need.
///
/// What faces a network, or works for long, is one of these. Its death never ends the run, and it never delays a stop.
public struct Child: Equatable, Sendable {
    /// A descriptor it finds open, from number 3 on in the order of `inherits`.
    public enum Inherited: Equatable, Sendable {
        /// A connection to PID 1's QMP that can do what this level permits, whatever `QMP_POLICY` says. It ends when QEMU does,
        /// also where QEMU is started again: the child is to end then, and has a new one when it comes back.
        ///
        /// - Parameter events: QEMU's events come through it, and are to be read.
        case qmp(QMPPolicy.Level, events: Bool = true)
    }

    /// When it is told to end.
    public enum StopOrder: Equatable, Sendable {
        /// As soon as a stop is asked for, or the guest has powered itself off: by SIGTERM, and SIGKILL 2 s later.
        case beforeGuest
        /// It serves until the run is over, and is killed then.
        case afterGuest
    }

    /// For the log, and unique.
    public let name: String
    /// Of the binary, without its name.
    public let arguments: [String]
    /// `NAME=value` each.
    public let environment: [String]
    public let inherits: [Inherited]
    public let stopOrder: StopOrder
    public let limits: ProcessLimits

    public init(
        name: String, arguments: [String], environment: [String] = [], inherits: [Inherited] = [],
        stopOrder: StopOrder, limits: ProcessLimits
    ) {
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.inherits = inherits
        self.stopOrder = stopOrder
        self.limits = limits
    }
}
