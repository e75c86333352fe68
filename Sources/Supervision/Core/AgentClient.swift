import Basics
import Linux
import Machine
import QMP

/// The other end of the ways to a guest agent: finds out whether one answers, and has it carry out commands, one at a time (QEMU
/// Guest Agent Protocol Reference; `guest-sync-delimited` says how to synchronise).
///
/// Nothing is typed into the serial port before an agent has shown itself there, unless somebody asks: a boot loader, a shell or
/// a login may listen, and takes it for its own. Who asks is an operator, by a command for the agent; a stop, once; and the owner,
/// by `GUEST_AGENT=serial`.
public struct AgentClient: Sendable {
    public enum Port: CaseIterable, Sendable {
        /// A virtio-serial port by the name that agents look for. QEMU tells when the guest opens it; nobody else does.
        case channel
        /// The second serial port, where anything may be.
        case serial
    }

    public enum Action: Equatable, Sendable {
        /// Bytes for a port. Those of a probe are left out while the guest has not read what was sent before: nobody may
        /// be there to read, and they would pile up.
        case send([UInt8], to: Port, isProbe: Bool)
        case answer(QMPServer.Ticket, QMPServer.Answer)
        case log(LogLevel, String)
        /// There is an agent that can be asked to shut the guest down. Told during a stop only.
        case appeared
        /// The agent refused to shut the guest down, or cannot be asked any more.
        case shutdownFailed(reason: String)
    }

    /// How long a ping may take, and when somebody who wants an agent may have it probed again.
    static let pingTime = Duration.seconds(5)
    static let queueLimit = 8
    /// Bytes in a line of the agent at the most.
    static let lineLimit = 1 << 20

    enum State: Sendable {
        /// The guest's CPUs have not run yet.
        case off
        /// Nothing counts but the reply to `guest-sync-delimited` with this id, from whichever port.
        case synchronizing(id: Int)
        /// With what came of a line that has not ended.
        case inSync(Port, QMPFramer)
    }

    /// What is known of a port.
    struct Line: Sendable {
        /// Something there has shown that it is an agent, or will only be opened by one: it may be asked.
        var isOpen = false
        var lastProbe: Instant?
        var delimited = DelimitedLines()
    }

    enum Command: Equatable, Sendable {
        case ping
        case shutdown
        case request(QMPServer.Ticket)
    }

    /// `GUEST_AGENT=serial`.
    private let asksSerialAlways: Bool
    var state = State.off
    /// When the state's own next step is due.
    var stateDeadline: Instant?
    var isPaused = false
    private(set) var channel = Line()
    private(set) var serial = Line()
    /// Where somebody who speaks the protocol is, as far as the last probe or ping tells.
    var answering: Port?
    /// Sent and not answered, oldest first. More than one only when a shutdown does not wait for its turn.
    var outstanding: [Command] = []
    /// Not sent yet.
    var queue: [AgentRequest] = []
    /// When the clients' requests run out, sent or not.
    var requestDeadlines: [QMPServer.Ticket: Instant] = [:]
    var isStopping = false
    var shutdownIsAsked = false
    /// Somebody has asked for a freeze of the guest's file systems, and not for a thaw since.
    var mayBeFrozen = false
    private var lastID = 0
    private var notices = Notices()

    public init(asksSerialAlways: Bool = false) {
        self.asksSerialAlways = asksSerialAlways
    }

    public var isAnswering: Bool { answering != nil }

    public var nextDeadline: Instant? {
        let own = isPaused ? nil : stateDeadline
        return ([own].compactMap { $0 } + requestDeadlines.values).min()
    }

    subscript(port: Port) -> Line {
        get { port == .channel ? channel : serial }
        set { if port == .channel { channel = newValue } else { serial = newValue } }
    }

    // MARK: What happens in the machine

    /// The guest's CPUs run for the first time, or it was reset: nobody is known to be there.
    public mutating func guestStarted(at now: Instant) -> [Action] {
        let actions = fail(outstanding, "the guest was reset")
        outstanding = []
        shutdownIsAsked = false
        mayBeFrozen = false
        answering = nil
        (channel, serial) = (Line(), Line())
        serial.isOpen = asksSerialAlways
        beginSync(at: now)
        return actions
    }

    /// The guest has opened or closed the channel. During its shutdown it closes it by the way.
    public mutating func channelChanged(isOpen: Bool, at now: Instant) -> [Action] {
        channel.isOpen = isOpen
        switch state {
        case .synchronizing where isOpen:
            return probe([.channel], at: now)
        case .inSync(.channel, _) where !isOpen && !shutdownIsAsked:
            let actions = fail(outstanding, "the guest agent has gone") + lost("has gone")
            outstanding = []
            beginSync(at: now)
            return actions
        case .off, .synchronizing, .inSync:
            return []
        }
    }

    /// A guest whose CPUs stand still is not judged by its silence.
    public mutating func guestPaused() {
        isPaused = true
    }

    public mutating func guestResumed(at now: Instant) {
        guard isPaused else { return }
        isPaused = false
        if stateDeadline != nil { stateDeadline = now + interval }
    }

    /// QEMU has ended, and its clients have been dropped; there may be another.
    mutating func guestHasGone() {
        let asksSerialAlways = asksSerialAlways
        self = AgentClient(asksSerialAlways: asksSerialAlways)
    }

    // MARK: Stopping

    /// A stop has begun, and nobody is known to be there: every port is asked once, and those that may be each second.
    public mutating func seek(at now: Instant) -> [Action] {
        isStopping = true
        return probe(Port.allCases, at: now)
    }

    /// Asks the agent to power the guest off, ahead of all else. There is no reply but an error.
    public mutating func shutDown(at now: Instant) -> [Action] {
        isStopping = true
        guard let answering else { return [.shutdownFailed(reason: "nobody answers")] }
        shutdownIsAsked = true
        stateDeadline = nil
        // Frozen, it cannot shut down; and who was to thaw it ends with the stop. Its answer means nothing.
        let isFrozen = mayBeFrozen
        outstanding += isFrozen ? [.ping, .shutdown] : [.shutdown]
        let lines = isFrozen ? AgentRequest.thaw + AgentRequest.shutdown : AgentRequest.shutdown
        return [.send(lines, to: answering, isProbe: false)]
    }

    // MARK: Synchronisation

    /// From one probe to the next, and from the last sign of life to the next ping.
    private var interval: Duration { isStopping ? .seconds(1) : .seconds(10) }

    /// The next step by itself; without anybody who may be asked, there is none.
    mutating func scheduleNextStep(at now: Instant) {
        let isDue = !shutdownIsAsked && (isAnswering || channel.isOpen || serial.isOpen)
        stateDeadline = isDue ? now + interval : nil
    }

    mutating func beginSync(at now: Instant) {
        lastID += 1
        state = .synchronizing(id: lastID)
        scheduleNextStep(at: now)
    }

    /// The same question is asked until it is answered, so that the answer to the first counts as well.
    mutating func probe(_ ports: [Port], at now: Instant) -> [Action] {
        guard case .synchronizing(let id) = state else { return [] }
        scheduleNextStep(at: now)
        return ports.map { port in
            self[port].lastProbe = now
            return .send(AgentRequest.sync(id: id), to: port, isProbe: true)
        }
    }

    var openPorts: [Port] { Port.allCases.filter { self[$0].isOpen } }

    /// Something did not go as it should; the agent gets one chance before it counts as gone.
    mutating func resync(_ reason: String, at now: Instant) -> [Action] {
        let actions = fail(outstanding, reason)
        outstanding = []
        beginSync(at: now)
        return actions + probe(openPorts, at: now)
    }

    mutating func synchronized(with port: Port, at now: Instant) -> [Action] {
        state = .inSync(port, QMPFramer(limit: Self.lineLimit))
        let notice = isAnswering ? [] : [notices.change("the guest agent answers")]
        answering = port
        self[port].isOpen = true
        scheduleNextStep(at: now)
        return notice + (isStopping && !shutdownIsAsked ? [.appeared] : sendNext(at: now))
    }

    mutating func lost(_ how: String) -> [Action] {
        guard isAnswering else { return [] }
        answering = nil
        return [notices.change("the guest agent \(how)")]
    }

    /// What comes through the port is not the protocol; nothing is sent before the next probe is due.
    mutating func garbage(at now: Instant) -> [Action] {
        var actions = fail(outstanding, "the guest agent sent something that is no answer") + lost("sends garbage")
        outstanding = []
        actions += notices.garbage()
        beginSync(at: now)
        return actions
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
        return [.log(.warning, "the guest agent's port carries something that is no guest agent's")]
    }
}
