import Glibc

/// What a file system has (statvfs(3)), in bytes.
public struct VolumeSpace: Equatable, Sendable {
    /// For an unprivileged process.
    public let free: Int64
    public let size: Int64

    /// - Parameter path: any file in it.
    public init(of path: String) throws(Errno) {
        var buffer = statvfs()
        try retryingInterrupts { statvfs(path, &buffer) }
        func bytes(_ blocks: UInt) -> Int64 {
            let (bytes, overflow) = Int64(clamping: blocks)
                .multipliedReportingOverflow(by: Int64(clamping: buffer.f_frsize))
            return overflow ? .max : bytes
        }
        (free, size) = (bytes(buffer.f_bavail), bytes(buffer.f_blocks))
    }
}

/// Bytes an unprivileged process may still write in the file system of `path`.
public func freeSpace(_ path: String) throws(Errno) -> Int64 {
    try VolumeSpace(of: path).free
}
