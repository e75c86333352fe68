/// What a program that is started may not do (setrlimit(2), prctl(2)); it cannot take these back.
public struct ProcessLimits: Equatable, Sendable {
    /// RLIMIT_NOFILE; nil: as this process.
    public var openFiles: UInt64?
    /// RLIMIT_AS, in bytes; nil: as this process.
    public var addressSpace: UInt64?
    /// It cannot gain privileges by executing a file (PR_SET_NO_NEW_PRIVS).
    public var noNewPrivileges: Bool
    /// It, and what it starts, goes first when memory is short, and yields the CPUs (oom_score_adj in proc(5), nice(2)).
    public var isExpendable: Bool

    public init(
        openFiles: UInt64? = nil, addressSpace: UInt64? = nil, noNewPrivileges: Bool = false, isExpendable: Bool = false
    ) {
        self.openFiles = openFiles
        self.addressSpace = addressSpace
        self.noNewPrivileges = noNewPrivileges
        self.isExpendable = isExpendable
    }
}
