import Basics
import Linux

/// Chooses QEMU's `aio=`: io_uring where the kernel and the seccomp profile allow it, native with direct I/O, else
/// threads. QEMU itself must have io_uring compiled in, as Debian's and Ubuntu's packages of 7.2 and later have.
public enum AsyncIOProbe {
    /// Tries io_uring; throws what io_uring_setup(2) says. A fake in tests.
    public typealias Attempt = @Sendable () throws(Errno) -> Void

    /// As many entries as QEMU's own ring, so that a memory-lock limit shows here.
    public static let host: Attempt = { () throws(Errno) in try probeIOUring(entries: 128) }

    /// Whether native I/O fits `QEMU_CACHE` is a rule between variables: see `Combination`.
    ///
    /// - Throws: `.notPermitted` or `.unavailable` when io_uring is demanded and does not work.
    public static func choose(
        requested: Configuration.AsyncIO?, cache: Configuration.Cache, orchestrator: Orchestrator = .compose,
        attempt: Attempt = host
    ) throws(Fault) -> AsyncIOChoice {
        if let requested, requested != .ioUring { return AsyncIOChoice(mode: requested, reason: "QEMU_AIO") }
        do throws(Errno) {
            try attempt()
        } catch {
            let found = "io_uring does not work here (\(error))"
            guard requested == nil else {
                throw Fault(
                    error == .notPermitted || error == .permissionDenied ? .notPermitted : .unavailable, "QEMU_AIO",
                    "\(found); \(remedy(error, orchestrator)) or set QEMU_AIO=threads")
            }
            return cache == .none
                ? AsyncIOChoice(mode: .native, reason: "\(found), QEMU_CACHE=none is direct I/O")
                : AsyncIOChoice(mode: .threads, reason: found)
        }
        return AsyncIOChoice(mode: .ioUring, reason: requested == nil ? "io_uring works here" : "QEMU_AIO")
    }

    private static func remedy(_ error: Errno, _ orchestrator: Orchestrator) -> String {
        switch error {
        case .notPermitted, .permissionDenied:
            "allow io_uring_setup in the container's seccomp profile "
                + "(\(ContainerSetting.seccompProfile.phrase(orchestrator))), "
                + "see that the host's kernel.io_uring_disabled is 0,"
        case .noMemory: "raise the memory lock (\(ContainerSetting.lockedMemory.phrase(orchestrator)))"
        default: "use a kernel of 5.1 or later"
        }
    }
}
