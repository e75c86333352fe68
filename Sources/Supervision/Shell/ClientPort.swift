import Basics
import Glibc
import Linux
import QMP

/// The clients of PID 1's QMP: those of qmp.sock, and children with a channel of their own.
final class ClientPort {
    /// What a client wants of others than the server.
    enum Outcome {
        case sendToQEMU([UInt8], QMPServer.Route)
        case request(QMPServer.Request, QMPServer.Ticket)
        /// QEMU sent what nobody asked for.
        case stray(String)
        case loadFailed(reason: String)
    }

    private let listener: Listener
    private let epoll: Epoll
    private let reader: Reader
    private let log: Log
    private var server: QMPServer
    private var connections: [QMPServer.ClientID: Connection] = [:]
    private var askedForStop: Set<QMPServer.ClientID> = []
    /// Those of them who are left when QEMU is gone.
    private var awaitingEnd: [Descriptor] = []
    /// The executable of this process.
    private let program = try? FileStatus(of: "/proc/self/exe").identity

    init(_ socket: ListeningSocket, policy: QMPPolicy, epoll: Epoll, reader: Reader, log: Log) {
        listener = Listener(socket, .qmpListener, epoll: epoll, log: log)
        server = QMPServer(policy: policy)
        self.epoll = epoll
        self.reader = reader
        self.log = log
    }

    var count: Int { server.clientCount }
    var commands: DroverStatus.Counters.Commands { server.counted }

    var deadline: Instant? { [listener.deadline, server.deadline].compactMap { $0 }.min() }

    func deadlineReached(at now: Instant) -> [Outcome] {
        listener.deadlineReached(at: now)
        return settle(server.deadlineReached(at: now))
    }

    // MARK: QEMU

    /// Until QEMU has greeted, those who connect wait for their turn.
    func greeted(by line: [UInt8]) -> [Outcome] {
        listener.listen()
        return settle(server.greeted(by: line))
    }

    func event(_ line: [UInt8]) -> [Outcome] { settle(server.event(line)) }

    func tell(child: String, _ line: [UInt8]) -> [Outcome] { settle(server.tell(child: child, line)) }

    func reply(_ reply: QMPReply) -> [Outcome] { settle(server.reply(reply)) }

    func answer(_ ticket: QMPServer.Ticket, _ answer: QMPServer.Answer) -> [Outcome] {
        settle(server.answer(ticket, answer))
    }

    /// Everybody gets what is there for them, and is dropped.
    func qemuIsGone() -> [Outcome] {
        listener.stop()
        return writeOutput() + settle(server.qemuIsGone())
    }

    /// Those who connect are served without a QEMU, which is not there and not on its way.
    func serveWithoutQEMU() -> [Outcome] {
        listener.listen()
        return settle(server.serveWithoutQEMU())
    }

    /// The run is over: who has asked for that hears how it went.
    func tell(_ end: DroverEnd) {
        _ = qemuIsGone()
        for descriptor in awaitingEnd { _ = try? descriptor.write(end.line) }
    }

    /// Our end may be theirs too, before they have passed on what they heard: they hang up when they have.
    func waitForFarewells(until deadline: Instant) {
        while !awaitingEnd.isEmpty, Instant.now() < deadline {
            let results = try? poll(awaitingEnd.map { PollRequest($0, readable: true) }, until: deadline)
            guard let results else { return }
            awaitingEnd = zip(awaitingEnd, results).compactMap { descriptor, result in
                guard result.isReadable, case .end = reader.read(descriptor) else { return descriptor }
                return nil
            }
        }
    }

    // MARK: Connections

    func accept() -> [Outcome] {
        var outcomes: [Outcome] = []
        listener.accept { descriptor, peer throws(Errno) in
            let (client, actions) = server.connect(
                QMPServer.Peer(pid: peer.pid, uid: peer.uid), isOwnProgram: isOwnProgram(peer), at: .now())
            outcomes += settle(actions)
            guard let client else { return "all clients are busy" }
            try connect(client, descriptor)
            return nil
        }
        return outcomes
    }

    /// Whether the peer runs the executable that this process runs. It does not when that cannot be seen: another user's, or in
    /// another PID namespace.
    private func isOwnProgram(_ peer: ListeningSocket.Peer) -> Bool {
        guard let program, peer.pid > 0 else { return false }
        return (try? FileStatus(of: "/proc/\(peer.pid)/exe").identity) == program
    }

    /// A connection for the child of that name, which can do what `level` permits.
    func openChannel(
        _ level: QMPPolicy.Level, hearsEvents: Bool, for child: String
    ) throws(Errno) -> ChildProcesses.Channel {
        let (ours, theirs) = try Descriptor.socketPair()
        try ours.setNonBlocking(true)
        let peer = QMPServer.Peer(pid: getpid(), uid: geteuid())
        let client = server.connectChild(child, peer, level: level, hearsEvents: hearsEvents, at: .now())
        try connect(client, ours)
        return ChildProcesses.Channel(client: client, descriptor: theirs)
    }

    /// The child has ended; whoever may still hold its end has no claim to it.
    func closeChannel(_ client: QMPServer.ClientID) -> [Outcome] {
        forget(client)
    }

    private func connect(_ client: QMPServer.ClientID, _ descriptor: Descriptor) throws(Errno) {
        do throws(Errno) {
            connections[client] = try Connection(descriptor, .client(client), in: epoll)
        } catch {
            _ = settle(server.disconnected(client))
            throw error
        }
    }

    func isReady(_ client: QMPServer.ClientID, _ ready: Epoll.Interest) -> [Outcome] {
        guard let connection = connections[client] else { return [] }
        if ready.contains(.writable) { connection.canWrite() }
        if ready.contains(.readable) {
            switch reader.read(connection.descriptor) {
            case .bytes(let bytes):
                let outcomes = settle(server.receive(bytes, from: client, at: .now()))
                return outcomes + update(client)
            case .end:
                // Its last commands may still want their answers.
                connection.isInputOver = true
            case .nothing:
                break
            }
        }
        return ready.isDisjoint(with: .hungUp) ? update(client) : forget(client)
    }

    private func update(_ client: QMPServer.ClientID) -> [Outcome] {
        guard let connection = connections[client] else { return [] }
        if connection.isInputOver, server.isIdle(client) { return forget(client) }
        connection.wait(forInput: server.wantsInput(from: client))
        return []
    }

    private func forget(_ client: QMPServer.ClientID) -> [Outcome] {
        connections[client] = nil
        askedForStop.remove(client)
        return settle(server.disconnected(client))
    }

    /// Writes until nobody takes any more: a client that has read gets its next commands carried out, and so their answers.
    func writeOutput() -> [Outcome] {
        var outcomes: [Outcome] = []
        var isDone = false
        while !isDone {
            isDone = true
            for client in server.clientsWithOutput {
                guard let connection = connections[client] else { continue }
                let count = write(server.output(for: client), to: connection)
                if count > 0 { isDone = false }
                outcomes += settle(server.wrote(count, to: client, at: .now()))
                outcomes += update(client)
            }
        }
        return outcomes
    }

    /// A function of its own: the server must be the bytes' only owner again when it discards them.
    private func write(_ output: (bytes: [UInt8], start: Int), to connection: Connection) -> Int {
        connection.write(output.bytes, from: output.start)
    }

    /// In a run that is blind, everybody is looked at.
    var sources: [Source] { [.qmpListener] + connections.keys.map { .client($0) } }

    // MARK: The server's wishes

    private func settle(_ actions: [QMPServer.Action]) -> [Outcome] {
        actions.compactMap { action in
            switch action {
            case .sendToQEMU(let line, let route): return .sendToQEMU(line, route)
            case .request(let request, let ticket):
                if case .stop = request { askedForStop.insert(ticket.client) }
                return .request(request, ticket)
            case .stray(let text): return .stray(text)
            case .loadFailed(let reason): return .loadFailed(reason: reason)
            case .drop(let client, let child, let reason):
                if let connection = connections.removeValue(forKey: client), askedForStop.remove(client) != nil,
                    reason == .qemuHasGone
                {
                    connection.leave()
                    awaitingEnd.append(connection.descriptor)
                }
                let who = child.map { "the channel of \($0)" } ?? "a client of \(listener.socket.path)"
                let message = "\(who) was dropped: \(reason)"
                // That QEMU ends is no fault of its clients'.
                if reason == .qemuHasGone {
                    log.write(.debug, message)
                } else {
                    log.write(message, provoked: .clientDropped)
                }
            case .audit(.refused, let peer, let text):
                log.write("pid \(peer.pid), uid \(peer.uid): \(text)", provoked: .refusedCommand)
            case .audit(.carriedOut, let peer, let text):
                log.write(.info, "pid \(peer.pid), uid \(peer.uid): \(text)", from: .audit)
            }
            return nil
        }
    }
}
