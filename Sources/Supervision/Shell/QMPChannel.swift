import Linux
import QMP

/// One of QEMU's control channels, which nobody else holds.
final class QMPChannel {
    private let connection: Connection
    private var session = QMPSession()
    /// Lines that QEMU has not read yet: our own few, or at most what clients may have in flight.
    private var outgoing = Outbox()

    init(_ descriptor: Descriptor, _ channel: QEMUHost.Channel, epoll: Epoll) throws(Errno) {
        connection = try Connection(descriptor, .qemu(channel), in: epoll)
    }

    func send(_ command: QMPCommand) {
        send(session.send(command))
    }

    /// Puts a whole line behind those that wait; what has come in one turn is written in one go, by `flush`.
    func send(_ line: [UInt8]) {
        outgoing.append(line)
    }

    func canWrite() {
        connection.canWrite()
    }

    func flush() {
        guard !outgoing.isEmpty else { return }
        outgoing.discard(first: connection.write(outgoing.bytes, from: outgoing.start))
        connection.wait(forInput: true)
    }

    enum Reading {
        case received([QMPSession.Received])
        case lost(reason: String)
        case nothing
    }

    /// One turn's worth.
    func read(_ reader: Reader) -> Reading {
        switch reader.read(connection.descriptor) {
        case .bytes(let bytes): return .received(session.receive(bytes))
        case .end(let reason):
            connection.leave()
            return .lost(reason: reason)
        case .nothing: return .nothing
        }
    }
}
