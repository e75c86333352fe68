import Glibc
import Linux

/// What PID 1 does when a signal arrives (docs: signals).
public enum SignalPolicy: Equatable, Sendable {
    /// Start the stop; one that comes a second later or more goes to rung 3.
    case stop
    /// Start the stop, no more than that however often it comes: a terminal that closes, or systemd, sends it beside
    /// another one.
    case stopOnce
    /// Stop by rung 3 at once.
    case stopNow
    /// Collect ended children.
    case reap
    /// Nothing: there is nothing it could mean here.
    case ignore
    /// Not blocked, because it reports a fault of this process: the kernel's default action ends it.
    case fatal
    /// The kernel does not let a process handle it.
    case kernel

    public init(for signal: Signal) {
        switch signal.rawValue {
        case SIGTERM, SIGINT, Signal.halt.rawValue: self = .stop
        case SIGHUP, SIGPWR: self = .stopOnce
        case SIGQUIT: self = .stopNow
        case SIGCHLD: self = .reap
        case SIGKILL, SIGSTOP: self = .kernel
        case let number where Signal.synchronous.contains(number): self = .fatal
        default: self = .ignore
        }
    }
}
