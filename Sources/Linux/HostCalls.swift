import CLinux
import Glibc

/// CPUs this process may be scheduled on (sched_getaffinity(2)): the cpuset and any taskset in one.
public func affinityCount() throws(Errno) -> Int {
    Int(try retryingInterrupts { clinux_affinity_count() })
}

/// Whether io_uring_setup(2) works here; the ring is closed at once.
///
/// - Throws: `.notPermitted` under a seccomp profile without it or `kernel.io_uring_disabled`,
///   `.notImplemented` on a kernel without it, `.noMemory` beyond RLIMIT_MEMLOCK (before Linux 5.12).
public func probeIOUring(entries: UInt32) throws(Errno) {
    _ = Descriptor(owning: try retryingInterrupts { clinux_io_uring_setup(entries) })
}

/// Why this process may not read, write or search `path` by its effective ids; nil when it may.
public func accessDenial(
    _ path: String, reading: Bool = false, writing: Bool = false, searching: Bool = false
) -> Errno? {
    let mode = (reading ? R_OK : 0) | (writing ? W_OK : 0) | (searching ? X_OK : 0)
    return faccessat(AT_FDCWD, path, Int32(mode), Int32(AT_EACCESS)) == 0 ? nil : Errno.current
}

/// Whether a file system keeps extended attributes of the kind that everybody may set (`user.*`).
public func hasExtendedAttributes(_ path: String) -> Bool { clinux_has_user_attributes(path) != 0 }

extension Descriptor {
    /// Whether a regular file has nothing but zeros. Of one that is not a hole from `length` bytes on, nothing is read: it may
    /// be long (lseek(2), SEEK_DATA).
    public func isBlank(beyond length: Int) throws(Errno) -> Bool {
        var bytes = [UInt8](repeating: 0, count: length)
        let count = try read(into: &bytes, from: 0, at: 0)
        guard bytes[..<count].allSatisfy({ $0 == 0 }) else { return false }
        do throws(Errno) {
            let seekData: Int32 = 3  // SEEK_DATA, which Swift does not see
            _ = try retryingInterrupts { lseek(rawValue, off_t(length), seekData) }
            return false
        } catch .noSuchAddress {
            // There is no data there.
            return true
        }
    }

    /// The size in bytes of a regular file or a block device (lseek(2) to the end; the offset moves).
    public func seekableSize() throws(Errno) -> Int64 {
        Int64(try retryingInterrupts { lseek(rawValue, 0, SEEK_END) })
    }
}
