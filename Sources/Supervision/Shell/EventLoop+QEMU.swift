import Linux
import QMP

// QEMU's channels. Readers return whether there may be more.
extension EventLoop {
    func qmpIsReady(_ ready: Epoll.Interest) {
        if ready.contains(.writable) { qemu?.canWriteQMP() }
        if ready.contains(.readable) || !ready.isDisjoint(with: .hungUp) { _ = readQMP() }
    }

    func consoleIsReady(_ ready: Epoll.Interest) {
        if ready.contains(.writable) {
            qemu?.console.canWrite()
            writeToGuest()
        }
        if ready.contains(.readable) || !ready.isDisjoint(with: .hungUp) { _ = readConsole() }
    }

    func sendToAgent(_ bytes: [UInt8], isProbe: Bool) {
        guard let agent = qemu?.agent else { return }
        if isProbe, (try? agent.isReadByPeer()) != true { return }
        // What is cut off here is no answer there, and asked again.
        _ = try? agent.write(bytes)
    }

    func readQMP() -> Bool {
        guard let qemu else { return false }
        switch read(qemu.qmp.descriptor) {
        case .bytes(let bytes):
            for received in qemu.session.receive(bytes) { take(received) }
            return true
        case .end(let reason):
            qmpIsLost(reason: reason)
        case .nothing:
            break
        }
        return false
    }

    private func take(_ received: QMPSession.Received) {
        switch received {
        case .greeting(_, let line):
            carryOut(server.greeted(by: line))
            listenForClients()
        case .event(_, let line):
            carryOut(server.event(line))
        case .reply(let reply):
            carryOut(server.reply(reply))
        case .answered, .refused, .stray:
            break
        }
        if let incoming = received.incoming { feed(.qmp(incoming)) }
    }

    private func qmpIsLost(reason: String) {
        qemu?.qmp.leave()
        dropAllClients()
        feed(.channelLost(reason: reason))
    }

    func readConsole() -> Bool {
        guard let qemu else { return false }
        switch read(qemu.console.descriptor) {
        case .bytes(let bytes):
            for viewer in console.guestWrote(bytes) { drop(viewer, reason: "it does not read") }
            let log = logsConsole ? log : nil
            let lastLine = lastLine
            let resets = supervisor.resets
            var pattern = readyPattern
            var length: Int?
            // Nothing more per line than this, and nothing of self's: the guest may write hundreds of thousands a second, and
            // each access to a class is checked.
            consoleLines.feed(bytes) { line in
                log?.write(.console, sanitized: line)
                pattern?.look(in: line, resets: resets)
                lastLine.copyMemory(from: line)
                length = line.count
            }
            readyPattern = pattern
            if let length { judge(lastLine: UnsafeRawBufferPointer(rebasing: lastLine[..<length])) }
            partialLineDeadline = consoleLines.hasPartialLine ? .now() + Self.partialLineTime : nil
            return true
        case .end:
            qemu.console.leave()
            return false
        case .nothing:
            return false
        }
    }

    /// A guest that says it has halted says nothing after that.
    private func judge(lastLine line: UnsafeRawBufferPointer) {
        feed(HaltPhrase.isIn(line) ? .guestHalted(line: String(decoding: line, as: UTF8.self)) : .consoleOutput)
    }

    func readAgent() {
        guard let agent = qemu?.agent else { return }
        switch read(agent) {
        case .bytes(let bytes): feed(.agentOutput(Array(bytes)))
        case .end: try? epoll.remove(agent)
        case .nothing: break
        }
    }

    func readMessages() -> Bool {
        guard let qemu else { return false }
        switch read(qemu.messages) {
        case .bytes(let bytes):
            messageLines.feed(bytes) { takeMessage($0) }
            return true
        case .end:
            try? epoll.remove(qemu.messages)
            return false
        case .nothing:
            return false
        }
    }

    private func takeMessage(_ line: UnsafeRawBufferPointer) {
        log.write(.qemu, sanitized: line)
        if lastWords.count == Self.lastWordsCount { lastWords.removeFirst() }
        lastWords.append(String(decoding: line, as: UTF8.self))
    }

    func flushPartialLines() {
        partialLineDeadline = nil
        messageLines.flush { takeMessage($0) }
        consoleLines.flush { line in
            if logsConsole { log.write(.console, sanitized: line) }
            readyPattern?.look(in: line, resets: supervisor.resets)
            judge(lastLine: line)
        }
    }
}
