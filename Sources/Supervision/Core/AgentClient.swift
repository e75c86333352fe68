import Basics
import Linux
import Machine
import QMP

/// The other end of the guest's second serial port: finds out whether a guest agent answers there, and has it carry out
/// commands, one at a time (QEMU Guest Agent Protocol Reference; `guest-sync-delimited` says how to synchronise).
///
/// Nothing is known of what the port carries: a guest may have no agent, a late one, a shell, or noise there.
public struct AgentClient: Sendable {
    public enum Action: Equatable, Sendable {
        /// Bytes for the port. Those of a probe are left out while the guest has not read what was sent before: nobody may
        /// be there to read, and they would pile up.
        case send([UInt8], isProbe: Bool)
        case answer(QMPServer.Ticket, QMPServer.Answer)
        case log(LogLevel, String)
        /// The agent refused to shut the guest down, or cannot be asked any more.
        case shutdownFailed(reason: String)
    }

    /// From one probe to the next, and from the last sign of life to the next ping.
    static let interval = Duration.seconds(10)
    /// How long a ping may take.
    static let pingTime = Duration.seconds(5)
    static let queueLimit = 8
    private static let noAnswer = "the guest agent does not answer"
    private static let atAnother = "the guest agent is at another command, and has not answered that yet"

    enum State: Sendable {
        /// The guest's CPUs have not run yet.
        case off
        /// Everything is discarded until the reply to `guest-sync-delimited` with this id.
        case synchronizing(id: Int, SyncReply)
        /// What came of a line that has not ended.
        case inSync(QMPFramer)
    }

    enum Command: Equatable, Sendable {
        case ping
        case shutdown
        case request(QMPServer.Ticket)
    }

    var state = State.off
    /// When the state's own next step is due.
    var stateDeadline: Instant?
    var isPaused = false
    /// Sent and not answered, oldest first. More than one only when a shutdown does not wait for its turn.
    var outstanding: [Command] = []
    /// Not sent yet.
    var queue: [AgentRequest] = []
    /// When the clients' requests run out, sent or not.
    var requestDeadlines: [QMPServer.Ticket: Instant] = [:]
    var shutdownIsAsked = false
    private var lastID = 0
    private var lastProbe: Instant?
    private var notices = Notices()

    /// Bytes in a line of the agent at the most.
    static let lineLimit = 1 << 20

    /// Whether somebody who speaks the protocol is there, as far as the last probe or ping tells.
    public private(set) var isAnswering = false

    public init() {}

    public var nextDeadline: Instant? {
        let own = isPaused ? nil : stateDeadline
        return ([own].compactMap { $0 } + requestDeadlines.values).min()
    }

    // MARK: What happens in the machine

    /// The guest's CPUs run for the first time, or it was reset: nobody is known to be there.
    public mutating func guestStarted(at now: Instant) -> [Action] {
        let actions = fail(outstanding, "the guest was reset")
        outstanding = []
        isAnswering = false
        beginSync()
        stateDeadline = now + Self.interval
        return actions
    }

    /// A guest whose CPUs stand still is not judged by its silence.
    public mutating func guestPaused() {
        isPaused = true
    }

    public mutating func guestResumed(at now: Instant) {
        guard isPaused else { return }
        isPaused = false
        if stateDeadline != nil { stateDeadline = now + Self.interval }
    }

    /// Asks the agent to power the guest off, ahead of all else. There is no reply but an error.
    public mutating func shutDown(at now: Instant) -> [Action] {
        shutdownIsAsked = true
        stateDeadline = nil
        outstanding.append(.shutdown)
        return [.send(AgentRequest.shutdown, isProbe: false)]
    }

    // MARK: Commands

    public mutating func request(_ request: AgentRequest, at now: Instant) -> [Action] {
        if case .off = state { return refuse(request, "the guest has not been started yet") }
        if shutdownIsAsked { return refuse(request, "the guest is being stopped") }
        if isPaused { return refuse(request, "the guest is paused") }
        if queue.count == Self.queueLimit { return refuse(request, "too many commands wait for the guest agent") }
        requestDeadlines[request.ticket] = now + request.timeout
        queue.append(request)
        switch state {
        case .inSync: return sendNext(at: now)
        // Somebody wants to know now. A probe that may still be answered is not made void by another.
        case .synchronizing where !isAnswering && isProbeDue(at: now): return probe(at: now)
        case .synchronizing, .off: return []
        }
    }

    private func isProbeDue(at now: Instant) -> Bool {
        lastProbe.map { now - $0 >= Self.pingTime } ?? true
    }

    private func refuse(_ request: AgentRequest, _ reason: String) -> [Action] {
        [.answer(request.ticket, .failure(desc: reason))]
    }

    mutating func sendNext(at now: Instant) -> [Action] {
        guard case .inSync = state, outstanding.isEmpty, !shutdownIsAsked, !queue.isEmpty else { return [] }
        let request = queue.removeFirst()
        outstanding = [.request(request.ticket)]
        // The request has a deadline of its own.
        stateDeadline = nil
        return [.send(request.line, isProbe: false)]
    }

    // MARK: Time

    public mutating func deadlineReached(at now: Instant) -> [Action] {
        var actions = expireRequests(at: now)
        guard !isPaused, let stateDeadline, stateDeadline <= now else { return actions }
        switch state {
        case .off:
            self.stateDeadline = nil
        case .synchronizing:
            actions += lost("does not answer any more") + probe(at: now)
        case .inSync where outstanding.isEmpty:
            outstanding = [.ping]
            self.stateDeadline = now + Self.pingTime
            actions.append(.send(AgentRequest.ping, isProbe: false))
        case .inSync:
            actions += resync(at: now)
        }
        return actions
    }

    private mutating func expireRequests(at now: Instant) -> [Action] {
        var actions: [Action] = []
        for (ticket, deadline) in requestDeadlines.sorted(by: { $0.value < $1.value }) where deadline <= now {
            requestDeadlines[ticket] = nil
            let isQueued = queue.contains { $0.ticket == ticket }
            let isBehindAnother = isQueued && !outstanding.isEmpty
            actions.append(.answer(ticket, .failure(desc: isBehindAnother ? Self.atAnother : Self.noAnswer)))
            if isQueued {
                queue.removeAll { $0.ticket == ticket }
            } else if !shutdownIsAsked {
                // Its reply may still come, and must not pass for the next one's.
                actions += resync(at: now)
            }
        }
        return actions
    }

    // MARK: Synchronisation

    mutating func beginSync() {
        lastID += 1
        state = .synchronizing(id: lastID, SyncReply())
    }

    mutating func probe(at now: Instant) -> [Action] {
        beginSync()
        lastProbe = now
        stateDeadline = shutdownIsAsked ? nil : now + Self.interval
        return [.send(AgentRequest.sync(id: lastID), isProbe: true)]
    }

    /// Something did not go as it should; the agent gets one chance before it counts as gone.
    mutating func resync(at now: Instant) -> [Action] {
        let actions = fail(outstanding, Self.noAnswer)
        outstanding = []
        return actions + probe(at: now)
    }

    mutating func synchronized(at now: Instant) -> [Action] {
        state = .inSync(QMPFramer(limit: Self.lineLimit))
        stateDeadline = shutdownIsAsked ? nil : now + Self.interval
        let notice = isAnswering ? [] : [notices.change("the guest agent answers")]
        isAnswering = true
        return notice + sendNext(at: now)
    }

    private mutating func lost(_ how: String) -> [Action] {
        guard isAnswering else { return [] }
        isAnswering = false
        return [notices.change("the guest agent \(how)")]
    }

    /// What comes through the port is not the protocol; nothing is sent before the next probe is due.
    mutating func garbage(at now: Instant) -> [Action] {
        var actions = fail(outstanding, "the guest agent sent something that is no answer") + lost("sends garbage")
        outstanding = []
        actions += notices.garbage()
        beginSync()
        stateDeadline = shutdownIsAsked ? nil : now + Self.interval
        return actions
    }

    mutating func fail(_ commands: [Command], _ reason: String) -> [Action] {
        commands.compactMap { command in
            switch command {
            case .ping: return nil
            case .shutdown: return .shutdownFailed(reason: reason)
            case .request(let ticket):
                guard requestDeadlines.removeValue(forKey: ticket) != nil else { return nil }
                return .answer(ticket, .failure(desc: reason))
            }
        }
    }
}

/// What the log is told of an agent: a guest whose agent comes and goes must not fill it.
private struct Notices {
    private static let shownCount = 3
    private var changes = 0
    private var hasToldOfGarbage = false

    mutating func change(_ message: String) -> AgentClient.Action {
        changes += 1
        return .log(changes <= Self.shownCount ? .info : .debug, message)
    }

    mutating func garbage() -> [AgentClient.Action] {
        guard !hasToldOfGarbage else { return [] }
        hasToldOfGarbage = true
        return [.log(.warning, "the guest's second serial port carries something that is no guest agent's")]
    }
}
