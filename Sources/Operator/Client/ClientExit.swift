/// The exit codes of the subcommands that are clients of PID 1.
public enum ClientExit: Int32, Equatable, Sendable {
    case success = 0
    /// The answer is "no": unhealthy, refused by QEMU, PID 1 or the guest.
    case no = 1
    /// EX_USAGE: what was asked for cannot be meant.
    case usage = 64
    /// EX_UNAVAILABLE: PID 1, or a needed file, is not there.
    case absent = 69
    /// EX_SOFTWARE: the connection broke, or what came is not QMP.
    case broken = 70
    /// EX_TEMPFAIL: the deadline passed.
    case deadline = 75
    /// EX_NOPERM: the socket or a file is another's.
    case notPermitted = 77
}

/// Why a client cannot do what it was asked to, in one line: input, reason, remedy.
public struct ClientFailure: Error, Equatable, Sendable {
    public let exit: ClientExit
    public let message: String

    public init(_ exit: ClientExit, _ message: String) {
        self.exit = exit
        self.message = message
    }
}

extension ClientFailure: CustomStringConvertible {
    public var description: String { message }
}
