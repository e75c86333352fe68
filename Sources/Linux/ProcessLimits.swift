/// What a program that is started may not do (setrlimit(2), prctl(2)); it cannot take these back.
public struct ProcessLimits: Equatable, Sendable {
    /// RLIMIT_NOFILE; nil: as this process.
    public var openFiles: UInt64?
    /// RLIMIT_AS, in bytes; nil: as this process.
    public var addressSpace: UInt64?
    /// It cannot gain privileges by executing a file (PR_SET_NO_NEW_PRIVS).
    public var noNewPrivileges: Bool

    public init(openFiles: UInt64? = nil, addressSpace: UInt64? = nil, noNewPrivileges: Bool = false) {
        self.openFiles = openFiles
        self.addressSpace = addressSpace
        self.noNewPrivileges = noNewPrivileges
    }
}
