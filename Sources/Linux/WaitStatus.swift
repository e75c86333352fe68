import Glibc

/// How a child ended (wait(2), `wstatus`).
public enum WaitStatus: Equatable, Sendable {
    case exited(Int32)
    case killed(Signal, coreDumped: Bool)

    public init(wstatus: Int32) {
        let signal = wstatus & 0x7f
        self =
            signal == 0
            ? .exited((wstatus >> 8) & 0xff)
            : .killed(Signal(rawValue: signal), coreDumped: wstatus & 0x80 != 0)
    }
}

extension WaitStatus: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal, let coreDumped): "was killed by \(signal)" + (coreDumped ? " (core dumped)" : "")
        }
    }
}

/// Collects one ended child, whichever it is; nil when no child has ended or there is none.
public func reapChild() throws(Errno) -> (pid: Int32, status: WaitStatus)? {
    var wstatus: Int32 = 0
    do {
        let pid = try retryingInterrupts { waitpid(-1, &wstatus, WNOHANG) }
        return pid == 0 ? nil : (pid, WaitStatus(wstatus: wstatus))
    } catch {
        if error == .noChild { return nil }
        throw error
    }
}

/// Waits for one child, however long it takes.
public func waitForChild(_ pid: Int32) throws(Errno) -> WaitStatus {
    var wstatus: Int32 = 0
    try retryingInterrupts { waitpid(pid, &wstatus, 0) }
    return WaitStatus(wstatus: wstatus)
}
