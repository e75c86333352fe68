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
            guard let client = server.connect(QMPServer.Peer(pid: peer.pid, uid: peer.uid)) else { return false }
            clients[client] = try Connection(descriptor, .client(client), in: epoll)
            return true
        }
    }

    /// - Parameter take: false when there are too many.
    func accept(
        from socket: ListeningSocket, _ take: (Descriptor, ListeningSocket.Peer) throws(Errno) -> Bool
    ) {
        do throws(Errno) {
            // Those who come next are reported again.
            let (descriptor, peer) = try socket.accept()
            guard peer.uid == geteuid() || peer.uid == 0 else {
                log.write(.warning, "\(socket.path): pid \(peer.pid) of uid \(peer.uid) is not let in")
                return
            }
            if try !take(descriptor, peer) {
                log.write(.warning, "\(socket.path): pid \(peer.pid) is not let in: there are too many clients")
            }
        } catch {
            guard error != .wouldBlock else { return }
            // Out of descriptors, most likely: it would be reported for ever.
            log.write(.error, "\(socket.path) is not served any more: \(error)")
            try? epoll.remove(socket.descriptor)
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

    func carryOut(_ actions: [QMPServer.Action], isQEMUGone: Bool = false) {
        for action in actions {
            switch action {
            case .sendToQEMU(let line): qemu?.send(line)
            case .drop(let client, let reason):
                clients[client] = nil
                // That QEMU ends is no fault of theirs.
                let level = isQEMUGone ? Configuration.LogLevel.debug : .warning
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

    func dropAllClients(reason: String) {
        writeToClients()
        carryOut(server.qemuIsGone(reason: reason), isQEMUGone: true)
        try? epoll.remove(sockets.qmp.descriptor)
    }
}
