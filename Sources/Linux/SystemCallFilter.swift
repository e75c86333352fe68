import CLinux

/// A system call by its number on this machine's architecture.
public struct SystemCall: RawRepresentable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let write = SystemCall(rawValue: SYS_write)
    public static let exitGroup = SystemCall(rawValue: SYS_exit_group)
    public static let returnFromSignal = SystemCall(rawValue: SYS_rt_sigreturn)
    public static let brk = SystemCall(rawValue: SYS_brk)
    public static let mmap = SystemCall(rawValue: SYS_mmap)
    public static let munmap = SystemCall(rawValue: SYS_munmap)
    public static let futex = SystemCall(rawValue: SYS_futex)
}

/// The system calls that a process leaves itself, for good (seccomp(2), filter mode); all others fail with EPERM.
///
/// A child that faces a network installs it once it has what it needs: no program can be executed then, and no socket made,
/// whatever comes through the sockets that are there.
public struct SystemCallFilter: Sendable {
    /// 200 at the most.
    private let allowed: [SystemCall]

    public init(allowing allowed: [SystemCall]) {
        self.allowed = allowed
    }

    /// Takes effect at once, for this thread and all that it starts.
    public func install() throws(Errno) {
        let numbers = allowed.map(\.rawValue)
        try retryingInterrupts { clinux_allow_only(numbers, Int32(numbers.count)) }
    }
}
