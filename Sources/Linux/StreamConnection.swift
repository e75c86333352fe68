import CLinux
import Glibc

extension Descriptor {
    /// Connects to a Unix stream socket (unix(7)); the connection is non-blocking.
    ///
    /// - Throws: `.nameTooLong` beyond the 107 bytes the kernel takes, `.timedOut` when the server's backlog stays full
    ///   until `deadline`, or what connect(2) says.
    public static func connect(unix path: String, until deadline: Instant) throws(Errno) -> Descriptor {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .nameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }

        let type = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC
        let socket = Descriptor(owning: try retryingInterrupts { Glibc.socket(AF_UNIX, type, 0) })
        // A full backlog cannot be polled for: the socket waits by itself, for no longer than its send timeout.
        let left = max((deadline - .now()).nanoseconds / 1000, 1)
        var timeout = timeval(tv_sec: Int(left / 1_000_000), tv_usec: Int(left % 1_000_000))
        try retryingInterrupts {
            setsockopt(
                socket.rawValue, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        }
        do throws(Errno) {
            try connect(socket, &address, MemoryLayout<sockaddr_un>.size)
        } catch .wouldBlock {
            throw .timedOut
        }
        try socket.setNonBlocking(true)
        return socket
    }

    /// Connects to a TCP port; the connection is non-blocking.
    ///
    /// - Parameter address: IPv4, in dotted form.
    /// - Throws: `.invalidArgument` for another address, `.timedOut` at `deadline`, or what connect(2) says.
    public static func connect(
        tcp address: String, port: UInt16, until deadline: Instant
    ) throws(Errno) -> Descriptor {
        guard var name = sockaddr_in(address, port: port) else { throw .invalidArgument }

        let type = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        let socket = Descriptor(owning: try retryingInterrupts { Glibc.socket(AF_INET, type, 0) })
        do throws(Errno) {
            try connect(socket, &name, MemoryLayout<sockaddr_in>.size)
        } catch .inProgress {
            guard try socket.wait(until: .writable, deadline) else { throw .timedOut }
            let error = try socket.pendingError()
            if error.rawValue != 0 { throw error }
        }
        return socket
    }

    /// connect(2). An interrupted attempt can be repeated: that of a Unix socket leaves nothing behind, and a non-blocking
    /// one is not interrupted.
    private static func connect<Address>(
        _ socket: Descriptor, _ address: inout Address, _ length: Int
    ) throws(Errno) {
        try retryingInterrupts {
            withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(socket.rawValue, $0, socklen_t(length))
                }
            }
        }
    }

    /// The error that a connection attempt has ended with (SO_ERROR); zero when it succeeded.
    private func pendingError() throws(Errno) -> Errno {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        try retryingInterrupts { getsockopt(rawValue, SOL_SOCKET, SO_ERROR, &error, &length) }
        return Errno(rawValue: error)
    }

    /// send(2) of an array, from its element `start` to its end; a peer that has gone is an error, not a SIGPIPE.
    public func send(_ bytes: [UInt8], from start: Int = 0) throws(Errno) -> Int {
        try retryingInterrupts {
            bytes.withUnsafeBytes {
                Glibc.send(
                    rawValue, $0.baseAddress?.advanced(by: start), $0.count - start, Int32(MSG_NOSIGNAL))
            }
        }
    }
}
