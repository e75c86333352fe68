import CLinux
import Glibc

/// A signal by number (signal(7)).
public struct Signal: Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let hangUp = Signal(rawValue: SIGHUP)
    public static let interrupt = Signal(rawValue: SIGINT)
    public static let quit = Signal(rawValue: SIGQUIT)
    public static let kill = Signal(rawValue: SIGKILL)
    public static let alarm = Signal(rawValue: SIGALRM)
    public static let terminate = Signal(rawValue: SIGTERM)
    public static let child = Signal(rawValue: SIGCHLD)
    public static let stop = Signal(rawValue: SIGSTOP)
    public static let `continue` = Signal(rawValue: SIGCONT)

    /// By which systemd has a container's PID 1 halt (systemd(1), "Signals").
    public static let halt = Signal(rawValue: firstRealTime + 3)
    /// SIGRTMIN; the C library keeps those before it to itself.
    private static let firstRealTime = __libc_current_sigrtmin()

    /// What ends QEMU and qemu-img, and is sent to every process of a container by who means the whole: systemd for a unit,
    /// `kill -1`. They are ended by nobody but PID 1, so they are started with these blocked.
    public static let endings: [Signal] = [.terminate, .interrupt, .hangUp]

    /// Those that report a fault of this very instruction: blocking them would loop or kill without a trace.
    public static let synchronous: [Int32] = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]
}

extension Signal: CustomStringConvertible {
    /// `SIGTERM`, `SIGRTMIN+3`; for unknown numbers `signal 99`.
    public var description: String {
        if (Self.firstRealTime...__libc_current_sigrtmax()).contains(rawValue) {
            return rawValue == Self.firstRealTime ? "SIGRTMIN" : "SIGRTMIN+\(rawValue - Self.firstRealTime)"
        }
        guard let abbreviation = clinux_signal_abbreviation(rawValue) else { return "signal \(rawValue)" }
        return "SIG" + String(cString: abbreviation)
    }
}

/// Signals as a descriptor (signalfd(2)).
public struct SignalDescriptor: Sendable {
    public let descriptor: Descriptor

    /// Blocks every signal but the synchronous ones, and reads them from now on.
    ///
    /// Call it before anything else in a process: what arrives earlier takes its default action.
    public init() throws(Errno) {
        var mask = sigset_t()
        sigfillset(&mask)
        for signal in Signal.synchronous { sigdelset(&mask, signal) }
        try retryingInterrupts { sigprocmask(SIG_SETMASK, &mask, nil) }
        let raw = try retryingInterrupts { signalfd(-1, &mask, Int32(SFD_CLOEXEC | SFD_NONBLOCK)) }
        descriptor = Descriptor(owning: raw)
    }

    /// The signals that have arrived, each with the pid of its sender (0: the kernel).
    public func read() throws(Errno) -> [(signal: Signal, sender: Int32)] {
        var records = [signalfd_siginfo](repeating: signalfd_siginfo(), count: 16)
        let count = try retryingInterrupts {
            records.withUnsafeMutableBytes { Glibc.read(descriptor.rawValue, $0.baseAddress, $0.count) }
        }
        return records.prefix(count / MemoryLayout<signalfd_siginfo>.size).map {
            (Signal(rawValue: Int32($0.ssi_signo)), Int32(bitPattern: $0.ssi_pid))
        }
    }
}

/// Sends a signal (kill(2)).
public func send(_ signal: Signal, to pid: Int32) throws(Errno) {
    try retryingInterrupts { kill(pid, signal.rawValue) }
}
