import CLinux
import Glibc

/// An open file descriptor, closed when the last reference goes. Every one is CLOEXEC from birth.
public final class Descriptor: Sendable {
    public let rawValue: Int32

    /// Takes ownership of `rawValue`.
    public init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit {
        close(rawValue)
    }

    public struct Flags: OptionSet, Sendable {
        public let rawValue: Int32
        public init(rawValue: Int32) { self.rawValue = rawValue }

        public static let readWrite = Flags(rawValue: O_RDWR)
        public static let writeOnly = Flags(rawValue: O_WRONLY)
        public static let create = Flags(rawValue: O_CREAT)
        public static let truncate = Flags(rawValue: O_TRUNC)
        public static let exclusive = Flags(rawValue: O_EXCL)
        public static let directory = Flags(rawValue: O_DIRECTORY)
        /// Only names the file: it is not opened, nothing is asked of its permissions, no device hears of it.
        public static let pathOnly = Flags(rawValue: clinux_path_only)
        /// A link in place of the file is an error.
        public static let noFollow = Flags(rawValue: O_NOFOLLOW)
        /// A FIFO without a writer, or a device, must not stop us.
        public static let nonBlocking = Flags(rawValue: O_NONBLOCK)
    }

    /// open(2); read-only when no flag says otherwise. A terminal does not become ours by being opened.
    public static func open(
        _ path: String, _ flags: Flags = [], mode: UInt32 = 0o600
    ) throws(Errno) -> Descriptor {
        Descriptor(owning: try retryingInterrupts { clinux_open(path, flags.rawValue | O_CLOEXEC | O_NOCTTY, mode) })
    }

    /// A copy of a descriptor that somebody else owns.
    public static func duplicate(of number: Int32) throws(Errno) -> Descriptor {
        Descriptor(owning: try retryingInterrupts { clinux_fcntl(number, F_DUPFD_CLOEXEC, 3) })
    }

    /// read(2).
    ///
    /// - Returns: the number of bytes, 0 at the end.
    /// - Throws: `.wouldBlock` when there is nothing yet.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try retryingInterrupts { Glibc.read(rawValue, buffer.baseAddress, buffer.count) }
    }

    /// read(2) into an array, from its element `start` to its end.
    ///
    /// Here and below the call is made inside the array's own closure, which cannot throw a typed error.
    public func read(into bytes: inout [UInt8], from start: Int = 0) throws(Errno) -> Int {
        try retryingInterrupts {
            bytes.withUnsafeMutableBytes { Glibc.read(rawValue, $0.baseAddress?.advanced(by: start), $0.count - start) }
        }
    }

    /// pread(2) into an array, from its element `start` to its end.
    public func read(into bytes: inout [UInt8], from start: Int, at offset: Int64) throws(Errno) -> Int {
        try retryingInterrupts {
            bytes.withUnsafeMutableBytes {
                pread(rawValue, $0.baseAddress?.advanced(by: start), $0.count - start, off_t(offset))
            }
        }
    }

    /// write(2).
    ///
    /// - Returns: the number of bytes taken, which may be fewer than given.
    /// - Throws: `.wouldBlock` when nothing can be taken now, `.brokenPipe` when the reader has gone.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
        try retryingInterrupts { Glibc.write(rawValue, bytes.baseAddress, bytes.count) }
    }

    /// write(2) of an array, from its element `start` to its end.
    public func write(_ bytes: [UInt8], from start: Int = 0) throws(Errno) -> Int {
        try retryingInterrupts {
            bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress?.advanced(by: start), $0.count - start) }
        }
    }

    /// lseek(2) to a byte counted from the beginning.
    public func seek(to offset: Int64) throws(Errno) {
        try retryingInterrupts { Int(lseek(rawValue, off_t(offset), SEEK_SET)) }
    }

    /// Of a file or a block device, in bytes (lseek(2)); reading and writing go on at its end.
    public func seekToEnd() throws(Errno) -> Int64 {
        Int64(try retryingInterrupts { Int(lseek(rawValue, 0, SEEK_END)) })
    }

    /// Has the kernel begin to write a file's dirty pages to its volume (sync_file_range(2)): no more than a hint, and no promise.
    public func beginWriteback() {
        _ = clinux_begin_writeback(rawValue)
    }

    /// fstat(2).
    public func status() throws(Errno) -> FileStatus {
        var buffer = stat()
        try retryingInterrupts { fstat(rawValue, &buffer) }
        return FileStatus(buffer)
    }

    /// Sets or clears O_NONBLOCK on the open file description, which copies of this descriptor share.
    public func setNonBlocking(_ on: Bool) throws(Errno) {
        let flags = try retryingInterrupts { clinux_fcntl(rawValue, F_GETFL, 0) }
        let wanted = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        try retryingInterrupts { clinux_fcntl(rawValue, F_SETFL, wanted) }
    }

    public enum Readiness: Sendable {
        case readable, writable
    }

    /// Waits until the descriptor is ready, the other end has gone, or `deadline` has come (poll(2)).
    ///
    /// - Returns: false when the deadline came first.
    public func wait(until readiness: Readiness, _ deadline: Instant) throws(Errno) -> Bool {
        let events = Int16(readiness == .readable ? POLLIN : POLLOUT)
        var request = pollfd(fd: rawValue, events: events, revents: 0)
        return try retryingInterrupts {
            // Rounded up, or the last millisecond would be spent in a busy loop; computed again after each interrupt.
            let left = max(((deadline - .now()).nanoseconds + 999_999) / 1_000_000, 0)
            return poll(&request, 1, Int32(clamping: left))
        } > 0
    }

    /// A connected pair of stream sockets, both non-blocking when `nonBlocking`.
    public static func socketPair(nonBlocking: Bool = false) throws(Errno) -> (Descriptor, Descriptor) {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | (nonBlocking ? O_NONBLOCK : 0)
        try retryingInterrupts { socketpair(AF_UNIX, type, 0, &pair) }
        return (Descriptor(owning: pair[0]), Descriptor(owning: pair[1]))
    }

    /// Opens `/dev/null` for those of 0, 1 and 2 that are closed, so that no later file takes their number.
    public static func fillStandardNumbers() {
        for number in STDIN_FILENO...STDERR_FILENO where clinux_fcntl(number, F_GETFD, 0) < 0 {
            _ = clinux_open("/dev/null", O_RDWR, 0)
        }
    }

    /// A pipe with blocking ends.
    public static func pipe() throws(Errno) -> (reading: Descriptor, writing: Descriptor) {
        var pair: [Int32] = [-1, -1]
        try retryingInterrupts { clinux_pipe(&pair) }
        return (Descriptor(owning: pair[0]), Descriptor(owning: pair[1]))
    }
}
