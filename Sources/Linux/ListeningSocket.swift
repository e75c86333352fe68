import CLinux
import Glibc

/// A Unix stream socket that this process serves (unix(7)); its file has mode 0600.
public final class ListeningSocket {
    /// Who is at the other end of a connection (SO_PEERCRED).
    public struct Peer: Equatable, Sendable {
        public let pid: Int32
        public let uid: UInt32

        public init(pid: Int32, uid: UInt32) {
            self.pid = pid
            self.uid = uid
        }
    }

    public let path: String
    /// Readable when somebody has connected.
    public let descriptor: Descriptor

    /// Takes the place of a socket that a process left behind when it was killed.
    ///
    /// - Throws: `.addressInUse` when somebody serves `path`, `.fileExists` when it is no socket, `.nameTooLong` over 107
    ///   bytes.
    public init(path: String) throws(Errno) {
        self.path = path
        do throws(Errno) {
            descriptor = Descriptor(owning: try retryingInterrupts { clinux_listen(path) })
        } catch .addressInUse {
            guard try FileStatus(of: path, followingLinks: false).kind == .socket else { throw .fileExists }
            guard try retryingInterrupts({ clinux_is_served(path) }) == 0 else { throw .addressInUse }
            try retryingInterrupts { unlink(path) }
            descriptor = Descriptor(owning: try retryingInterrupts { clinux_listen(path) })
        }
    }

    /// The next connection, non-blocking.
    ///
    /// - Throws: `.wouldBlock` when there is none.
    public func accept() throws(Errno) -> (Descriptor, Peer) {
        let connection = try descriptor.accept()
        return (connection, try connection.peer())
    }

    /// Takes the file away, so that clients learn at once that nobody serves it.
    public func removeFile() {
        unlink(path)
    }
}

extension Descriptor {
    /// Who has connected to a Unix socket of ours, or who serves the one that we have connected to.
    public func peer() throws(Errno) -> ListeningSocket.Peer {
        var pid: pid_t = 0
        var uid: uid_t = 0
        try retryingInterrupts { clinux_peer(rawValue, &pid, &uid) }
        return ListeningSocket.Peer(pid: pid, uid: uid)
    }

    /// Whether the other end of a Unix stream socket has read everything that was written to it.
    public func isReadByPeer() throws(Errno) -> Bool {
        try retryingInterrupts { clinux_unread(rawValue) } == 0
    }
}
