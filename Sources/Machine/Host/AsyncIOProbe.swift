import Basics
import Linux

/// How QEMU reads and writes images, and why so.
public struct AsyncIOChoice: Equatable, Sendable {
    public let mode: Configuration.AsyncIO
    public let reason: String
}

/// Chooses QEMU's `aio=`: io_uring where the kernel and the seccomp profile allow it, native with direct I/O, else
/// threads. QEMU itself must have io_uring compiled in, as Debian's and Ubuntu's packages of 7.2 and later have.
public enum AsyncIOProbe {
    /// Tries io_uring; throws what io_uring_setup(2) says. A fake in tests.
    public typealias Attempt = @Sendable () throws(Errno) -> Void

    /// As many entries as QEMU's own ring, so that a memory-lock limit shows here.
    public static let host: Attempt = { () throws(Errno) in try probeIOUring(entries: 128) }

    /// - Throws: `.configuration` for native without direct I/O, `.notPermitted` or `.unavailable` when io_uring is
    ///   demanded and does not work.
    public static func choose(
        requested: Configuration.AsyncIO?, cache: Configuration.Cache, attempt: Attempt = host
    ) throws(Fault) -> AsyncIOChoice {
        switch requested {
        case .threads:
            return AsyncIOChoice(mode: .threads, reason: "QEMU_AIO")
        case .native where cache == .none:
            return AsyncIOChoice(mode: .native, reason: "QEMU_AIO")
        case .native:
            throw Fault(
                .configuration,
                "QEMU_AIO: native needs direct I/O, which QEMU_CACHE=\(cache.rawValue) is not; "
                    + "set QEMU_CACHE=none or QEMU_AIO=threads")
        case .ioUring:
            do throws(Errno) {
                try attempt()
            } catch {
                throw Fault(
                    error == .notPermitted || error == .permissionDenied ? .notPermitted : .unavailable,
                    "QEMU_AIO: io_uring does not work here (\(error)); \(remedy(error)) or set QEMU_AIO=threads")
            }
            return AsyncIOChoice(mode: .ioUring, reason: "QEMU_AIO")
        case nil:
            do throws(Errno) {
                try attempt()
                return AsyncIOChoice(mode: .ioUring, reason: "io_uring works here")
            } catch {
                let found = "io_uring does not work here (\(error))"
                return cache == .none
                    ? AsyncIOChoice(mode: .native, reason: "\(found), QEMU_CACHE=none is direct I/O")
                    : AsyncIOChoice(mode: .threads, reason: found)
            }
        }
    }

    private static func remedy(_ error: Errno) -> String {
        switch error {
        case .notPermitted, .permissionDenied:
            "allow io_uring_setup in the container's seccomp profile (compose: security_opt: [\"seccomp=profile.json\"]), "
                + "see that the host's kernel.io_uring_disabled is 0,"
        case .noMemory: "raise the memory lock (compose: ulimits: {memlock: -1})"
        default: "use a kernel of 5.1 or later"
        }
    }
}
