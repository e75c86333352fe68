import JSON
import Linux

extension QMPServer {
    /// A command in its client's queue.
    struct Pending: Sendable {
        enum Work: Sendable {
            /// For QEMU: the line up to our own id.
            case relay([UInt8], Route)
            case request(Request)
            /// Known already: the whole line.
            case answer([UInt8], DroverStatus.Counters.Commands.Outcome)
        }

        let work: Work
        var id: [UInt8]?
        /// Due when the command's turn has come.
        var audit: Action?
        /// It is `loadvm`.
        var loadsSnapshot = false

        /// What it keeps in memory.
        var count: Int {
            let line: Int =
                switch work {
                case .relay(let line, _), .answer(let line, _): line.count
                case .request(.agent(_, let arguments, _)): arguments?.count ?? 0
                case .request(.backupReport(let report)): report.text.count
                case .request: 0
                }
            return line + (id?.count ?? 0)
        }
    }

    /// Who holds a connection, which decides what it can displace.
    enum Place: Equatable, Sendable {
        case ordinary
        /// PID 1's own program: `healthcheck`, `status`, `stop` and the like.
        case own
        /// A child of PID 1's, by its name.
        case child(String)

        var child: String? { if case .child(let name) = self { name } else { nil } }
    }

    /// A connection and what is under way for it. Its replies keep the order of its commands.
    struct Client: Sendable {
        static let maximumPending = 16
        /// A client that has this much to read gets no further commands carried out.
        static let outputToWaitFor = 64 << 10
        /// Several huge replies may come before the client has had its turn to read.
        static let maximumOutput = 16 << 20
        /// A program that is well empties its socket within milliseconds. What has stopped for so long, with a socket full of
        /// answers, has been forgotten; and its place is free again before a health check has failed three times.
        static let patience = Duration.seconds(10)

        let id: ClientID
        let peer: Peer
        /// What it may do.
        let policy: QMPPolicy
        let place: Place
        /// QEMU's events are for it.
        let hearsEvents: Bool
        var framer = JSONFramer(limit: ClientCommand.maximumLength)
        private(set) var pending: [Pending] = []
        private var pendingBytes = 0
        /// Commands QEMU has not replied to.
        var relayed = 0
        /// A command PID 1 has not answered.
        var request: (ticket: Ticket, id: [UInt8]?)?
        var hasNegotiated = false
        /// When it last sent something.
        var lastUse: Instant
        /// When the log was last told that it presses keys.
        var keysTold: Instant?
        var outbox = Outbox()
        /// Since when it has taken nothing of what waits for it.
        private(set) var stuckSince: Instant?

        init(
            id: ClientID, peer: Peer, policy: QMPPolicy, place: Place, hearsEvents: Bool = true, at now: Instant
        ) {
            self.id = id
            self.peer = peer
            self.policy = policy
            self.place = place
            self.hearsEvents = hearsEvents
            lastUse = now
        }

        var isIdle: Bool { pending.isEmpty && relayed == 0 && request == nil && outbox.isEmpty }
        var hasTooMuchOutput: Bool { outbox.count > Self.outputToWaitFor }
        var wantsInput: Bool { pending.count < Self.maximumPending && !hasTooMuchOutput }

        var held: Int { framer.count + outbox.count + pendingBytes }

        mutating func enqueue(_ command: Pending) {
            pending.append(command)
            pendingBytes += command.count
        }

        mutating func dequeue() -> Pending {
            let command = pending.removeFirst()
            pendingBytes -= command.count
            return command
        }

        /// Whether its first command may be carried out now.
        func isReady(_ atQEMU: AtQEMU) -> Bool {
            guard let first = pending.first, request == nil, !hasTooMuchOutput else { return false }
            return switch first.work {
            case .relay(_, let route): atQEMU.hasRoom(route)
            // Its child, which knows answers by their ids, asks PID 1 while a QEMU that hangs owes it some.
            case .request: relayed == 0 || place.child != nil
            case .answer: relayed == 0
            }
        }

        mutating func wrote(_ count: Int, at now: Instant) {
            outbox.discard(first: count)
            stuckSince = outbox.isEmpty ? nil : count > 0 ? now : stuckSince ?? now
        }

        /// Whether another may take its place: nothing is under way for it, or nothing has been heard of it for long.
        func canLeave(at now: Instant) -> Bool { isIdle || lastUse + Self.patience <= now }

        /// Those first who have never negotiated; then those who have been quiet for longest.
        func leaves(before other: Client) -> Bool {
            hasNegotiated == other.hasNegotiated ? lastUse < other.lastUse : other.hasNegotiated
        }

        /// - Returns: false when the client has too much to read already.
        mutating func push(_ line: some Collection<UInt8>) -> Bool {
            // One huge reply is let through: it is not the client's fault.
            guard outbox.isEmpty || outbox.count + line.count <= Self.maximumOutput else { return false }
            outbox.append(line)
            return true
        }
    }
}
