import Linux

/// `drover monitor` without a terminal: one command, or a line after the other.
public struct Monitor {
    /// For an answer. A snapshot of a large guest takes minutes.
    static let patience = Duration.seconds(300)
    /// Bytes in a line of input, at the most.
    static let lineLimit = 1 << 20

    private let client: QMPClient
    private let language: MonitorLanguage
    private let write: (String) -> Void
    private let writeAside: (String) -> Void

    /// - Parameters:
    ///   - isQMP: raw JSON instead of the human monitor.
    ///   - writeAside: what is told beside the answers: events and errors.
    public init(
        _ client: QMPClient, isQMP: Bool, write: @escaping (String) -> Void, writeAside: @escaping (String) -> Void
    ) {
        let language = isQMP ? MonitorLanguage.qmp : .hmp
        self.client = client
        self.language = language
        self.write = write
        self.writeAside = writeAside
        client.onEvent = { writeAside(language.event($0)) }
    }

    /// Runs one line.
    ///
    /// - Returns: whether it was carried out.
    public func run(_ line: String) throws(ClientFailure) -> Bool {
        guard let command = try language.command(line) else { return true }
        let reply = try client.roundTrip(command, until: .now() + Self.patience)
        let (text, isSuccess) = language.answer(reply)
        write(text)
        return isSuccess
    }

    /// Runs every line of `input` until its end.
    ///
    /// - Returns: whether all of them were carried out.
    public func run(linesOf input: Descriptor) throws(ClientFailure) -> Bool {
        var lines = LineReader(input, limit: Self.lineLimit)
        var isAllWell = true
        while let line = try lines.next() {
            do throws(ClientFailure) {
                isAllWell = try run(line) && isAllWell
            } catch {
                guard error.exit == .no else { throw error }
                writeAside("drover: \(error)\n")
                isAllWell = false
            }
        }
        return isAllWell
    }
}

extension QMPClient {
    /// Sends a line that somebody else has written, and waits for the next answer, whatever its id.
    func roundTrip(_ line: [UInt8], until deadline: Instant) throws(ClientFailure) -> ClientMessage {
        try send(line, deadline)
        while let reply = try next(until: deadline) {
            switch reply.kind {
            case .event: onEvent(reply)
            case .greeting: break
            case .success, .failure: return reply
            }
        }
        throw ClientFailure(.deadline, "no answer within \(Monitor.patience.brief)")
    }
}
