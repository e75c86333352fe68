/// What the container runtime is told about the run.
public enum ExitCode: Int32, CaseIterable, Equatable, Sendable {
    case success = 0
    /// EX_USAGE.
    case usage = 64
    /// EX_UNAVAILABLE.
    case unavailable = 69
    /// EX_SOFTWARE.
    case qemuFailed = 70
    /// EX_TEMPFAIL.
    case tryAgain = 75
    /// EX_NOPERM.
    case notPermitted = 77
    /// EX_CONFIG; also for faults of several kinds.
    case configuration = 78
    /// As timeout(1).
    case stopTimedOut = 124

    public init(_ kind: Fault.Kind) {
        switch kind {
        case .configuration: self = .configuration
        case .unavailable: self = .unavailable
        case .notPermitted: self = .notPermitted
        case .temporary: self = .tryAgain
        }
    }

    /// The one code for several faults: that of their kind, or `configuration` when they are of several kinds.
    public init(_ faults: [Fault]) {
        let kinds = Set(faults.map(\.kind))
        if kinds.count == 1, let kind = kinds.first {
            self.init(kind)
        } else {
            self = .configuration
        }
    }

    /// For `drover help exit-codes`, README.md and docs.
    public var meaning: String {
        switch self {
        case .success: "the guest powered itself off, or was stopped cleanly"
        case .usage: "usage: unknown subcommand or option"
        case .unavailable: "QEMU or a needed file is not there"
        case .qemuFailed: "QEMU failed: non-zero exit or killed by a signal"
        case .tryAgain: "try again: the disk or a port is in use, or memory is short"
        case .notPermitted: "not permitted: a file or device cannot be read or written by this uid"
        case .configuration: "configuration: one line per fault on stderr"
        case .stopTimedOut: "the guest was cut off: it did not go down by itself in time"
        }
    }
}

/// The exit codes of the subcommands that are clients of PID 1.
public enum ClientExit: Int32, CaseIterable, Equatable, Sendable {
    case success = 0
    /// Also: unhealthy.
    case no = 1
    /// EX_USAGE.
    case usage = 64
    /// EX_UNAVAILABLE: PID 1, or a needed file.
    case absent = 69
    /// EX_SOFTWARE.
    case broken = 70
    /// EX_TEMPFAIL.
    case deadline = 75
    /// EX_NOPERM.
    case notPermitted = 77

    /// For `drover help exit-codes` and docs.
    public var meaning: String {
        switch self {
        case .success: "done"
        case .no: "the answer is no: refused by QEMU, PID 1 or the guest"
        case .usage: "usage"
        case .absent: "PID 1 is not there: no socket, or nobody listens"
        case .broken: "the connection broke, or what came is not QMP"
        case .deadline: "the deadline passed"
        case .notPermitted: "not permitted: the socket or a file is not for this uid"
        }
    }
}
