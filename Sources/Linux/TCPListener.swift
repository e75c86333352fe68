import CLinux
import Glibc

/// A TCP port that this process serves (tcp(7), ipv6(7)).
public enum TCPListener {
    /// A socket that listens, non-blocking. One on every IPv6 address takes IPv4 connections too.
    ///
    /// - Parameter address: IPv4 in dotted form, or IPv6 without brackets.
    /// - Throws: `.invalidArgument` for another address, or what socket(2) and bind(2) say.
    public static func listen(address: String, port: UInt16) throws(Errno) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK
        if var name = sockaddr_in(address, port: port) {
            let socket = Descriptor(owning: try retryingInterrupts { Glibc.socket(AF_INET, type, 0) })
            return try listen(socket, &name)
        }
        var name = sockaddr_in6()
        name.sin6_family = sa_family_t(AF_INET6)
        name.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, address, &name.sin6_addr) == 1 else { throw .invalidArgument }
        let socket = Descriptor(owning: try retryingInterrupts { Glibc.socket(AF_INET6, type, 0) })
        try socket.set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        return try listen(socket, &name)
    }

    private static func listen<Address>(_ socket: Descriptor, _ name: inout Address) throws(Errno) -> Descriptor {
        // One that was there a moment ago leaves connections in TIME_WAIT.
        try socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
        // Its connections have them too: the kernel would keep megabytes for one that asks and does not read.
        try socket.set(SOL_SOCKET, SO_SNDBUF, 32 << 10)
        try socket.set(SOL_SOCKET, SO_RCVBUF, 16 << 10)
        try retryingInterrupts {
            withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket.rawValue, $0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        try retryingInterrupts { Glibc.listen(socket.rawValue, 64) }
        return socket
    }
}

extension Descriptor {
    /// The next connection of a socket that listens, non-blocking.
    ///
    /// - Throws: `.wouldBlock` when there is none.
    public func accept() throws(Errno) -> Descriptor {
        Descriptor(owning: try retryingInterrupts { clinux_accept(rawValue) })
    }

    /// No more is sent (shutdown(2)).
    public func endOutput() {
        shutdown(rawValue, Int32(SHUT_WR))
    }

    fileprivate func set(_ level: Int32, _ option: Int32, _ value: Int32) throws(Errno) {
        var value = value
        try retryingInterrupts {
            setsockopt(rawValue, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}
