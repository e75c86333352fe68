import JSON

extension QMPServer {
    /// A command in its client's queue.
    struct Pending: Sendable {
        enum Work: Sendable {
            /// For QEMU: the line up to our own id.
            case relay([UInt8])
            case request(Request)
            /// Known already: the whole line.
            case answer([UInt8])
        }

        let work: Work
        var id: [UInt8]?
        /// Due when the command's turn has come.
        var audit: Action?

        /// What it keeps in memory.
        var count: Int {
            let line: Int =
                switch work {
                case .relay(let line), .answer(let line): line.count
                case .request(.agent(_, let arguments, _)): arguments?.count ?? 0
                case .request: 0
                }
            return line + (id?.count ?? 0)
        }
    }

    /// A connection and what is under way for it. Its replies keep the order of its commands.
    struct Client: Sendable {
        static let maximumPending = 16
        /// A client that has this much to read gets no further commands carried out.
        static let outputToWaitFor = 64 << 10
        /// Several huge replies may come before the client has had its turn to read.
        static let maximumOutput = 16 << 20

        let id: ClientID
        let peer: Peer
        /// What it may do.
        let policy: QMPPolicy
        /// The name of a child of PID 1's; nil: one who connected.
        let child: String?
        var framer = JSONFramer()
        private(set) var pending: [Pending] = []
        private var pendingBytes = 0
        /// Commands QEMU has not replied to.
        var relayed = 0
        /// A command PID 1 has not answered.
        var request: (ticket: Ticket, id: [UInt8]?)?
        var hasNegotiated = false
        var lastUse = 0
        var outbox = Outbox()

        init(id: ClientID, peer: Peer, policy: QMPPolicy, child: String?) {
            self.id = id
            self.peer = peer
            self.policy = policy
            self.child = child
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
        func isReady(qemuHasRoom: Bool) -> Bool {
            guard let first = pending.first, request == nil, !hasTooMuchOutput else { return false }
            return switch first.work {
            case .relay: qemuHasRoom
            case .request, .answer: relayed == 0
            }
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
