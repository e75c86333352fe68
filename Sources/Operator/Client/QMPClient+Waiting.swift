import JSON
import Linux
import QMP

/// Commands whose answer is only the beginning.
extension QMPClient {
    /// Runs a command and goes on until an event settles what it began. Events count from the sending on, for one may come
    /// before the command's own answer.
    ///
    /// - Parameters:
    ///   - answerDeadline: for the command's own answer.
    ///   - deadline: for the event.
    ///   - settle: called for every event in turn until it returns something.
    /// - Returns: nil when the deadline passed.
    func execute<Outcome>(
        _ command: QMPCommand, answerBefore answerDeadline: Instant, until deadline: Instant,
        settle: (ClientMessage) -> Outcome?
    ) throws(ClientFailure) -> Outcome? {
        var outcome: Outcome?
        try expectSuccess(of: command, until: answerDeadline) { event in
            if outcome == nil { outcome = settle(event) }
        }
        while outcome == nil, let message = try next(until: deadline) {
            guard case .event = message.kind else { continue }
            onEvent(message)
            outcome = settle(message)
        }
        return outcome
    }

    /// Waits until then, or until the connection is lost.
    public func pause(until deadline: Instant) throws(ClientFailure) {
        while try waitForMessage(until: deadline) {}
    }

    /// - Returns: whether one has come before the deadline; `onEvent` has had it if it was an event.
    public func waitForMessage(until deadline: Instant) throws(ClientFailure) -> Bool {
        guard let message = try next(until: deadline) else { return false }
        if case .event = message.kind { onEvent(message) }
        return true
    }

    /// Runs a command and waits for an event.
    ///
    /// - Parameter isMeant: looks at the event's data; the first event that fits is the one.
    func execute(
        _ command: QMPCommand, awaiting event: String, until deadline: Instant,
        where isMeant: (JSONValue) -> Bool = { _ in true }
    ) throws(ClientFailure) -> ClientMessage {
        let found = try execute(command, answerBefore: deadline, until: deadline) { message in
            message.kind == .event(name: event) && isMeant(message.data ?? .null) ? message : nil
        }
        guard let found else { throw ClientFailure(.deadline, "\(command.name): \(event) has not come in time") }
        return found
    }

    /// Runs a command that starts a job, and waits for the job's end (QEMU QMP reference, "Background jobs").
    ///
    /// A job that has run too long goes on.
    ///
    /// - Parameters:
    ///   - command: must not have the job dismissed by itself, for then its error is lost.
    ///   - id: the job's, as the command gives it.
    func runJob(_ command: QMPCommand, id: String, until deadline: Instant) throws(ClientFailure) {
        let end: Void? = try execute(command, answerBefore: deadline, until: deadline) { message in
            let isEnd =
                message.kind == .event(name: "JOB_STATUS_CHANGE") && message.data?["id"]?.text == id
                && message.data?["status"]?.text == "concluded"
            return isEnd ? () : nil
        }
        guard end != nil else {
            let remedy = "it goes on; job-cancel ends it"
            throw ClientFailure(
                .deadline, "\(command.name): the job \(terminalLine(id)) has not ended in time; \(remedy)")
        }
        let jobs = try expectSuccess(of: QMPCommand("query-jobs"), until: deadline).result?.elements ?? []
        guard let job = jobs.first(where: { $0["id"]?.text == id }) else {
            let remedy = "start it with auto-dismiss=false"
            throw ClientFailure(.broken, "\(command.name): QEMU has forgotten the job \(terminalLine(id)); \(remedy)")
        }
        try expectSuccess(of: QMPCommand("job-dismiss", ["id": .string(id)]), until: deadline)
        if let error = job["error"]?.text { throw ClientFailure(.no, "\(command.name): \(terminalLine(error))") }
    }
}
