import Glibc

/// The error of a system call, as errno gives it.
public struct Errno: Error, Equatable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The value errno has now; read it right after the call that failed.
    public static var current: Errno { Errno(rawValue: errno) }

    public static let notPermitted = Errno(rawValue: EPERM)
    public static let noSuchFile = Errno(rawValue: ENOENT)
    public static let interrupted = Errno(rawValue: EINTR)
    public static let noChild = Errno(rawValue: ECHILD)
    public static let wouldBlock = Errno(rawValue: EAGAIN)
    public static let noMemory = Errno(rawValue: ENOMEM)
    public static let permissionDenied = Errno(rawValue: EACCES)
    public static let fileExists = Errno(rawValue: EEXIST)
    public static let isDirectory = Errno(rawValue: EISDIR)
    public static let invalidArgument = Errno(rawValue: EINVAL)
    public static let tooLarge = Errno(rawValue: EFBIG)
    public static let noSuchDevice = Errno(rawValue: ENODEV)
    public static let noSuchAddress = Errno(rawValue: ENXIO)
    public static let readOnlyFileSystem = Errno(rawValue: EROFS)
    public static let brokenPipe = Errno(rawValue: EPIPE)
    public static let notImplemented = Errno(rawValue: ENOSYS)
    public static let symbolicLinkLoop = Errno(rawValue: ELOOP)
    public static let addressInUse = Errno(rawValue: EADDRINUSE)
    public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
    public static let addressFamilyNotSupported = Errno(rawValue: EAFNOSUPPORT)
    public static let nameTooLong = Errno(rawValue: ENAMETOOLONG)
    public static let timedOut = Errno(rawValue: ETIMEDOUT)
    public static let inProgress = Errno(rawValue: EINPROGRESS)
    public static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    public static let connectionReset = Errno(rawValue: ECONNRESET)
    /// By a file system, of an operation that others have.
    public static let notSupported = Errno(rawValue: EOPNOTSUPP)
    public static let busy = Errno(rawValue: EBUSY)
    /// A name on another mount, also of the same file system.
    public static let crossDevice = Errno(rawValue: EXDEV)
    public static let notUTF8 = Errno(rawValue: EILSEQ)
    public static let inputOutput = Errno(rawValue: EIO)
}

extension Errno: CustomStringConvertible {
    /// The C library's words, such as `No such file or directory`.
    public var description: String {
        String(cString: strerror(rawValue))
    }
}

/// Calls `body` until it is not interrupted by a signal; the one place where EINTR is handled.
///
/// - Throws: `Errno` when the call returns a negative number.
@discardableResult
@inline(__always)
public func retryingInterrupts<Result: SignedInteger>(_ body: () -> Result) throws(Errno) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let error = Errno.current
        if error != .interrupted { throw error }
    }
}
