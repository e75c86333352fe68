import Linux
import QMP

// What comes through the ports.
extension AgentClient {
    public mutating func receive(_ bytes: UnsafeRawBufferPointer, from port: Port, at now: Instant) -> [Action] {
        switch state {
        case .off: return []
        case .inSync(port, var framer): return receiveLines(bytes, from: port, &framer, at: now)
        case .synchronizing, .inSync: return look(in: bytes, from: port, at: now)
        }
    }

    /// From where there is no conversation, nothing counts but delimited lines.
    private mutating func look(in bytes: UnsafeRawBufferPointer, from port: Port, at now: Instant) -> [Action] {
        var (rest, actions) = (bytes, [Action]())
        while let (line, left) = self[port].delimited.next(in: rest) {
            rest = left
            if line == AgentRequest.announcement {
                actions += agentListens(on: port, at: now)
            } else if case .synchronizing(let id) = state, Self.isReply(line, to: id) {
                return actions + synchronized(with: port, at: now) + receive(rest, from: port, at: now)
            }
        }
        return actions
    }

    private static func isReply(_ line: [UInt8], to id: Int) -> Bool {
        guard case .success(let json) = QMPServer.Answer(agentLine: line) else { return false }
        return String(decoding: json, as: UTF8.self) == String(id)
    }

    /// The kit's agent has opened the port.
    private mutating func agentListens(on port: Port, at now: Instant) -> [Action] {
        let isNews = !self[port].isOpen || self[port].lastProbe.map { now - $0 >= .seconds(1) } ?? true
        self[port].isOpen = true
        return isNews ? probe([port], at: now) : []
    }

    private mutating func receiveLines(
        _ bytes: UnsafeRawBufferPointer, from port: Port, _ framer: inout QMPFramer, at now: Instant
    ) -> [Action] {
        guard !bytes.isEmpty else { return [] }
        let complete: [[UInt8]]
        // The framer's bytes are its own alone while it takes more.
        state = .off
        do throws(QMPFramer.LineTooLong) {
            complete = try framer.append(bytes)
            state = .inSync(port, framer)
        } catch {
            return garbage(at: now)
        }
        var actions: [Action] = []
        for line in complete {
            if let delimiter = line.lastIndex(of: 0xff) {
                // The answer to a question that was repeated, or another agent in the place of this one.
                guard line[(delimiter + 1)...] == AgentRequest.announcement[...], !shutdownIsAsked else { continue }
                return actions + resync("the guest agent was started anew", at: now)
            }
            guard let reply = QMPServer.Answer(agentLine: line), let command = outstanding.first else {
                return actions + garbage(at: now)
            }
            outstanding.removeFirst()
            actions += answered(command, by: reply)
            scheduleNextStep(at: now)
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
