import Basics
import Glibc
import Linux

/// A socket that takes connections, as long as they can be taken.
final class Listener {
    /// After a connection could not be taken: out of descriptors or memory, most likely, which would be reported all the time.
    private static let pause = Duration.seconds(1)

    let socket: ListeningSocket
    private let source: Source
    private let epoll: Epoll
    private let log: Log
    private let admission = PeerAdmission(uid: geteuid())
    private var state = State.idle

    private enum State: Equatable {
        case idle
        case listening
        /// It took nobody; it is tried again then.
        case pausing(until: Instant)
    }

    init(_ socket: ListeningSocket, _ source: Source, epoll: Epoll, log: Log) {
        self.socket = socket
        self.source = source
        self.epoll = epoll
        self.log = log
    }

    var deadline: Instant? { if case .pausing(let until) = state { until } else { nil } }

    func listen() {
        state = .listening
        do throws(Errno) {
            try epoll.add(socket.descriptor, token: source.token, .readable)
        } catch .fileExists {
            // QEMU was started again.
        } catch {
            log.write(.error, "\(socket.path) cannot be served: \(error)")
        }
    }

    /// Until `listen` is called again.
    func stop() {
        state = .idle
        try? epoll.remove(socket.descriptor)
    }

    func deadlineReached(at now: Instant) {
        if let deadline, deadline <= now { listen() }
    }

    /// Takes one connection; those who come next are reported again.
    ///
    /// - Parameter take: says why it does not; nil: it does.
    func accept(_ take: (Descriptor, ListeningSocket.Peer) throws(Errno) -> String?) {
        guard state == .listening else { return }
        do throws(Errno) {
            let (descriptor, peer) = try socket.accept()
            guard admission.admits(peer) else {
                log.write(
                    "\(socket.path): pid \(peer.pid) of uid \(peer.uid) is not let in", provoked: .clientTurnedAway)
                return
            }
            if let reason = try take(descriptor, peer) {
                log.write("\(socket.path): pid \(peer.pid) is not let in: \(reason)", provoked: .clientTurnedAway)
            }
        } catch .wouldBlock {
            return
        } catch {
            log.write(.error, "\(socket.path) accepts no connections for a second: \(error)")
            stop()
            state = .pausing(until: .now() + Self.pause)
        }
    }
}
