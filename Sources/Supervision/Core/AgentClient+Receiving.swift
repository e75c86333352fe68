import Linux
import QMP

// What comes through the port.
extension AgentClient {
    public mutating func receive(_ bytes: UnsafeRawBufferPointer, at now: Instant) -> [Action] {
        switch state {
        case .off:
            return []
        case .synchronizing(let id):
            guard let rest = syncReply.find(id, in: bytes) else { return [] }
            return synchronized(at: now) + receive(rest, at: now)
        case .inSync:
            return receiveLines(bytes, at: now)
        }
    }

    private mutating func receiveLines(_ bytes: UnsafeRawBufferPointer, at now: Instant) -> [Action] {
        guard !bytes.isEmpty else { return [] }
        let complete: [[UInt8]]
        do throws(QMPFramer.LineTooLong) {
            complete = try lines.append(bytes)
        } catch {
            return garbage(at: now)
        }
        var actions: [Action] = []
        for line in complete {
            guard let reply = QMPServer.Answer(agentLine: line), let command = outstanding.first else {
                return actions + garbage(at: now)
            }
            outstanding.removeFirst()
            lastAnswer = now
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

/// Looks for the reply to `guest-sync-delimited` in a stream of anything: a byte 0xFF, and the line after it.
struct SyncReply: Sendable {
    private static let limit = 256
    /// What came since the last 0xFF; nil: none came, or what follows it is too long to be the reply.
    private var candidate: [UInt8]?

    /// Takes the next bytes.
    ///
    /// - Returns: what follows the reply; nil when it has not come yet.
    mutating func find(_ id: Int, in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0xff:
                candidate = []
            case UInt8(ascii: "\n"):
                if let line = candidate, case .success(let json) = QMPServer.Answer(agentLine: line),
                    String(decoding: json, as: UTF8.self) == String(id)
                {
                    return UnsafeRawBufferPointer(rebasing: bytes[(index + 1)...])
                }
                candidate = nil
            default:
                if let count = candidate?.count, count < Self.limit { candidate?.append(byte) } else { candidate = nil }
            }
        }
        return nil
    }
}
