/// One conversation with QEMU as its only client: bytes in, messages out, answers matched with their commands.
public struct QMPSession: Sendable {
    public enum Incoming: Equatable, Sendable {
        case greeting(version: String)
        case answered(QMPCommand, status: String?)
        case refused(QMPCommand, reason: String)
        case event(QMPEvent)
        /// A line that is no QMP, or an answer to nothing we asked.
        case stray(String)
    }

    private var framer = QMPFramer()
    private var inFlight: [Int: QMPCommand] = [:]
    private var lastID = 0

    public init() {}

    /// The bytes that ask QEMU to carry out `command`.
    public mutating func send(_ command: QMPCommand) -> [UInt8] {
        lastID += 1
        inFlight[lastID] = command
        return command.encoded(id: lastID)
    }

    /// Takes the next bytes from QEMU, split anywhere.
    public mutating func receive(
        _ bytes: some Sequence<UInt8>
    ) throws(QMPFramer.LineTooLong) -> [Incoming] {
        var incoming: [Incoming] = []
        for line in try framer.append(bytes) {
            incoming.append(interpret(line))
        }
        return incoming
    }

    private mutating func interpret(_ line: [UInt8]) -> Incoming {
        let message: QMPMessage
        do {
            message = try QMPMessage(line: line)
        } catch {
            return .stray(String(decoding: line.prefix(200), as: UTF8.self))
        }
        switch message {
        case .greeting(let version):
            return .greeting(version: version)
        case .event(let event):
            return .event(event)
        case .success(let id, let status):
            guard let command = id.flatMap({ inFlight.removeValue(forKey: $0) }) else {
                return .stray("an answer to no command")
            }
            return .answered(command, status: status)
        case .failure(let id, let reason):
            guard let command = id.flatMap({ inFlight.removeValue(forKey: $0) }) else { return .stray(reason) }
            return .refused(command, reason: reason)
        }
    }
}
