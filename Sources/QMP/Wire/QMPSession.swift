import JSON

/// PID 1's conversation with QEMU, whose only client it is: bytes in, messages out, answers matched with their commands.
public struct QMPSession: Sendable {
    public enum Incoming: Equatable, Sendable {
        case greeting(version: String)
        /// With what the command returned.
        case answered(QMPCommand, JSONValue)
        case refused(QMPCommand, reason: String)
        case event(QMPEvent)
        /// A line that is no QMP, or an answer to nothing we asked.
        case stray(String)
    }

    /// A line of QEMU's, classified once.
    public enum Received: Equatable, Sendable {
        case greeting(version: String, line: [UInt8])
        case event(QMPEvent, line: [UInt8])
        /// For `QMPServer.reply`.
        case reply(QMPReply)
        case answered(QMPCommand, JSONValue)
        case refused(QMPCommand, reason: String)
        case stray(String)

        /// What it means to PID 1; nil for a reply to a client's command.
        public var incoming: Incoming? {
            switch self {
            case .greeting(let version, _): .greeting(version: version)
            case .event(let event, _): .event(event)
            case .reply: nil
            case .answered(let command, let result): .answered(command, result)
            case .refused(let command, let reason): .refused(command, reason: reason)
            case .stray(let text): .stray(text)
            }
        }
    }

    private var framer = QMPFramer()
    private var inFlight: [Int: QMPCommand] = [:]
    private var lastID = 0

    public init() {}

    /// The bytes that ask QEMU to carry out `command`.
    public mutating func send(_ command: QMPCommand) -> [UInt8] {
        lastID += 1
        inFlight[lastID] = command
        return command.encoded(id: lastID) + [13, 10]
    }

    /// Takes the next bytes from QEMU, split anywhere.
    public mutating func receive(_ bytes: some Sequence<UInt8>) -> [Received] {
        framer.take(bytes).map { line in
            switch line {
            case .whole(let line):
                interpret(line)
            case .cut(let tail):
                QMPReply(tailOfLongLine: tail).map(Received.reply)
                    ?? .stray("a line of more than 4 MiB, which ends in \(String(visible: tail, limit: 64))")
            }
        }
    }

    private mutating func interpret(_ line: [UInt8]) -> Received {
        if let reply = QMPReply(line) { return .reply(reply) }
        let message: QMPMessage
        do {
            message = try QMPMessage(line: line)
        } catch {
            return .stray(String(decoding: line.prefix(200), as: UTF8.self))
        }
        switch message {
        case .greeting(let version):
            return .greeting(version: version, line: line)
        case .event(let event):
            return .event(event, line: line)
        case .success(let id, let result):
            guard let command = id.flatMap({ inFlight.removeValue(forKey: $0) }) else {
                return .stray("an answer to no command")
            }
            return .answered(command, result)
        case .failure(let id, let reason):
            guard let command = id.flatMap({ inFlight.removeValue(forKey: $0) }) else { return .stray(reason) }
            return .refused(command, reason: reason)
        }
    }
}
