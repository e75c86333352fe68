import Basics
import Glibc
import Linux
import Machine
import QMP

// The clients of qmp.sock.
extension EventLoop {
    /// Until QEMU has greeted, those who connect wait for their turn.
    func listenForClients() {
        watch(sockets.qmp, .qmpListener)
        watch(sockets.console, .consoleListener)
    }

    private func watch(_ socket: ListeningSocket, _ source: Source) {
        do throws(Errno) {
            try epoll.add(socket.descriptor, token: source.token, .readable)
        } catch .fileExists {
            // QEMU was started again.
        } catch {
            log.write(.error, "\(socket.path) cannot be served: \(error)")
        }
    }

    func acceptClients() {
        accept(from: sockets.qmp) { descriptor, peer throws(Errno) in
            let (client, actions) = server.connect(QMPServer.Peer(pid: peer.pid, uid: peer.uid))
            carryOut(actions)
            guard let client else { return "all clients are busy" }
            do throws(Errno) {
                clients[client] = try Connection(descriptor, .client(client), in: epoll)
            } catch {
                carryOut(server.disconnected(client))
                throw error
            }
            return nil
        }
    }

    /// - Parameter take: says why it does not; nil: it does.
    func accept(
        from socket: ListeningSocket, _ take: (Descriptor, ListeningSocket.Peer) throws(Errno) -> String?
    ) {
        do throws(Errno) {
            // Those who come next are reported again.
            let (descriptor, peer) = try socket.accept()
            guard peer.uid == geteuid() || peer.uid == 0 else {
                log.write(.warning, "\(socket.path): pid \(peer.pid) of uid \(peer.uid) is not let in")
                return
            }
            if let reason = try take(descriptor, peer) {
                log.write(.warning, "\(socket.path): pid \(peer.pid) is not let in: \(reason)")
            }
        } catch {
            guard error != .wouldBlock else { return }
            // Out of descriptors or memory, most likely: it would be reported all the time.
            log.write(.error, "\(socket.path) takes nobody for a second: \(error)")
            try? epoll.remove(socket.descriptor)
            listenAgainDeadline = .now() + .seconds(1)
        }
    }

    func clientIsReady(_ client: QMPServer.ClientID, _ ready: Epoll.Interest) {
        guard let connection = clients[client] else { return }
        if ready.contains(.writable) { connection.canWrite() }
        if ready.contains(.readable) {
            switch read(connection.descriptor) {
            case .bytes(let bytes):
                carryOut(server.receive(bytes, from: client))
                update(client)
                return
            case .end:
                // Its last commands may still want their answers.
                connection.isInputOver = true
            case .nothing:
                break
            }
        }
        if !ready.isDisjoint(with: .hungUp) { forget(client) } else { update(client) }
    }

    private func forget(_ client: QMPServer.ClientID) {
        clients[client] = nil
        carryOut(server.disconnected(client))
    }

    private func update(_ client: QMPServer.ClientID) {
        guard let connection = clients[client] else { return }
        if connection.isInputOver, server.isIdle(client) { return forget(client) }
        connection.wait(forInput: server.wantsInput(from: client))
    }

    func carryOut(_ actions: [QMPServer.Action]) {
        // One after the other: what an action leads to comes behind what was there before.
        waitingActions += actions
        guard !isCarryingOut else { return }
        isCarryingOut = true
        defer { isCarryingOut = false }
        while !waitingActions.isEmpty {
            let action = waitingActions.removeFirst()
            switch action {
            case .sendToQEMU(let line): qemu?.send(line)
            case .drop(let client, let reason):
                clients[client] = nil
                // That QEMU ends is no fault of theirs.
                let level = reason == Self.qemuHasGone ? LogLevel.debug : .warning
                log.write(level, "a client of \(sockets.qmp.path) was dropped: \(reason)")
            case .request(let request, let ticket): carryOut(request, ticket)
            case .audit(let level, let peer, let text):
                let refused = level == .refused
                log.write(refused ? .warning : .info, "pid \(peer.pid), uid \(peer.uid): \(text)", from: .audit)
            case .stray(let text): feed(.qmp(.stray(text)))
            }
        }
    }

    /// What PID 1 answers itself.
    private func carryOut(_ request: QMPServer.Request, _ ticket: QMPServer.Ticket) {
        switch request {
        case .status:
            carryOut(server.answer(ticket, .success(statusJSON())))
        case .stop(let force, let timeout, let peer):
            carryOut(server.answer(ticket, .success(Array("{}".utf8))))
            writeToClients()
            feed(
                .stopRequested(
                    Supervisor.StopRequest(
                        isForced: force, budget: timeout.map { .seconds($0) },
                        reason: "drover stop (pid \(peer.pid), uid \(peer.uid))")))
        case .agent(let execute, let arguments, let timeout):
            feed(
                .agentRequest(
                    AgentRequest(ticket, execute: execute, arguments: arguments, timeout: .seconds(timeout))))
        }
    }

    func writeToClients() {
        for client in server.clientsWithOutput {
            guard let connection = clients[client] else { continue }
            let count = write(server.output(for: client), to: connection)
            if count > 0 { carryOut(server.wrote(count, to: client)) }
            update(client)
        }
    }

    /// A function of its own: the server must be the bytes' only owner again when it discards them.
    private func write(_ output: (bytes: [UInt8], start: Int), to connection: Connection) -> Int {
        connection.write(output.bytes, from: output.start)
    }

    private static let qemuHasGone = "QEMU has gone"

    func dropAllClients() {
        writeToClients()
        carryOut(server.qemuIsGone(reason: Self.qemuHasGone))
        try? epoll.remove(sockets.qmp.descriptor)
    }
}
