import CLinux
import Glibc

/// A system call by its number on this machine's architecture.
public struct SystemCall: RawRepresentable, Sendable {
    public let rawValue: Int32
    /// The argument that must have none of `forbidden`, counted from 0.
    private var argument: Int32 = 0
    private var forbidden: UInt32 = 0

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The same, where none of these bits is in one of its arguments.
    private func without(_ bits: UInt32, inArgument number: Int32) -> SystemCall {
        var call = self
        (call.argument, call.forbidden) = (number, bits)
        return call
    }

    fileprivate var inC: clinux_allowed {
        clinux_allowed(number: rawValue, argument: argument, forbidden_bits: forbidden)
    }

    public static let read = SystemCall(rawValue: SYS_read)
    public static let readAt = SystemCall(rawValue: SYS_pread64)
    public static let write = SystemCall(rawValue: SYS_write)
    public static let close = SystemCall(rawValue: SYS_close)
    public static let volumeStatus = SystemCall(rawValue: SYS_statfs)
    public static let exitGroup = SystemCall(rawValue: SYS_exit_group)
    public static let returnFromSignal = SystemCall(rawValue: SYS_rt_sigreturn)
    public static let restart = SystemCall(rawValue: SYS_restart_syscall)
    public static let brk = SystemCall(rawValue: SYS_brk)
    public static let mmap = SystemCall(rawValue: SYS_mmap)
    /// Of memory that holds no code.
    public static let mmapData = mmap.without(UInt32(PROT_EXEC), inArgument: 2)
    public static let mremap = SystemCall(rawValue: SYS_mremap)
    public static let munmap = SystemCall(rawValue: SYS_munmap)
    public static let madvise = SystemCall(rawValue: SYS_madvise)
    public static let futex = SystemCall(rawValue: SYS_futex)
    public static let random = SystemCall(rawValue: SYS_getrandom)
    public static let time = SystemCall(rawValue: SYS_clock_gettime)
    public static let accept = SystemCall(rawValue: SYS_accept4)
    public static let send = SystemCall(rawValue: SYS_sendto)
    public static let shutdown = SystemCall(rawValue: SYS_shutdown)
    /// poll(2), as the C library makes it.
    #if arch(x86_64)
        public static let poll = SystemCall(rawValue: SYS_poll)
    #else
        public static let poll = SystemCall(rawValue: SYS_ppoll)
    #endif
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
        let calls = allowed.map(\.inC)
        try retryingInterrupts { clinux_allow_only(calls, Int32(calls.count)) }
    }
}
