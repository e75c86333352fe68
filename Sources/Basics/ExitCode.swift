/// What the container runtime is told about the run (docs: exit codes).
public enum ExitCode: Int32, Equatable, Sendable {
    /// The guest powered itself off, or was stopped cleanly.
    case success = 0
    /// EX_USAGE: unknown subcommand or option.
    case usage = 64
    /// EX_UNAVAILABLE: QEMU or a needed file is not there.
    case unavailable = 69
    /// EX_SOFTWARE: QEMU failed.
    case qemuFailed = 70
    /// EX_TEMPFAIL: the disk is locked, memory is short.
    case tryAgain = 75
    /// EX_NOPERM: this uid may not.
    case notPermitted = 77
    /// EX_CONFIG: configuration faults, or faults of several kinds.
    case configuration = 78
    /// As timeout(1): the guest did not come down by itself in the budget.
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
}
