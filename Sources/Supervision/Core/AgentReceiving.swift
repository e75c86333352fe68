import Linux
import QMP

// What comes through the port.
extension AgentClient {
    public mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: Instant) -> [Action] {
        switch state {
        case .off:
            return []
        case .synchronizing(let id, var reply):
            guard let rest = reply.find(id, in: bytes) else {
                state = .synchronizing(id: id, reply)
                return []
            }
            return synchronized(at: now) + receive(rest, at: now)
        case .inSync(var framer):
            return receiveLines(bytes, &framer, at: now)
        }
    }

    private mutating func receiveLines(
        _ bytes: UnsafeRawBufferPointer, _ framer: inout QMPFramer, at now: Instant
    ) -> [Action] {
        guard !bytes.isEmpty else { return [] }
        let complete: [[UInt8]]
        // The framer's bytes are its own alone while it takes more.
        state = .off
        do throws(QMPFramer.LineTooLong) {
            complete = try framer.append(bytes)
            state = .inSync(framer)
        } catch {
            return garbage(at: now)
        }
        var actions: [Action] = []
        for line in complete {
            guard let reply = QMPServer.Answer(agentLine: line), let command = outstanding.first else {
                return actions + garbage(at: now)
            }
            outstanding.removeFirst()
            actions += answered(command, by: reply)
            stateDeadline = shutdownIsAsked ? nil : now + Self.interval
            actions += sendNext(at: now)
        }
        return actions
    }

    private mutating func answered(_ command: Command, by reply: QMPServer.Answer) -> [Action] {
        switch (command, reply) {
        case (.ping, _), (.shutdown, .success):
            return []
        case (.shutdown, .failure(_, let reason)):
            return [.shutdownFailed(reason: reason)]
        case (.request(let ticket), let reply):
            requestDeadlines[ticket] = nil
            return [.answer(ticket, reply)]
        }
    }
}
