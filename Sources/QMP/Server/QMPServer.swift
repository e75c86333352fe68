import JSON

/// QMP for any number of clients on QEMU's one channel: the shell feeds it and carries out its actions.
///
/// QEMU takes eight commands at a time (QMP_REQ_QUEUE_LEN_MAX); one place is PID 1's own, the others go round.
public struct QMPServer: Sendable {
    public static let maximumClients = 32
    static let maximumRelayed = 7
    /// Bytes of all clients' commands and replies together.
    static let maximumHeld = 32 << 20

    /// Of those who connect.
    let policy: QMPPolicy
    private(set) var clients: [Client] = []
    /// Commands QEMU has not replied to, by our id.
    private(set) var relayed: [Int: (client: ClientID, id: [UInt8]?)] = [:]
    private var greeting: [UInt8]?
    private var nextID = QMPReply.firstID
    private var lastSerial = 0
    /// Counts what clients do, in place of a clock.
    private var lastUse = 0
    /// Whose turn it is.
    private var turn = 0

    public init(policy: QMPPolicy) {
        self.policy = policy
    }

    // MARK: QEMU

    /// QEMU's greeting, as its line came; clients are greeted with it, without its capabilities.
    ///
    /// - Returns: what clients that came before have asked for already.
    public mutating func greeted(by line: [UInt8]) -> [Action] {
        let greeting = QMPGreeting.withoutCapabilities(line)
        if self.greeting == nil {
            for index in clients.indices { clients[index].outbox.append(greeting) }
        }
        self.greeting = greeting
        return advance()
    }

    /// Drops every client and forgets what it asked for; QEMU may be started again.
    public mutating func qemuIsGone() -> [Action] {
        let actions = clients.map { Action.drop($0.id, child: $0.child, .qemuHasGone) }
        clients = []
        relayed = [:]
        greeting = nil
        return actions
    }

    /// Passes an event on to every client that has negotiated.
    public mutating func event(_ line: [UInt8]) -> [Action] {
        let line = line + [13, 10]
        var actions: [Action] = []
        for client in clients.compactMap({ $0.hasNegotiated ? $0.id : nil }) {
            push(line, to: client, &actions)
        }
        return actions + advance()
    }

    /// Passes a reply on to the client that issued the command.
    public mutating func reply(_ reply: QMPReply) -> [Action] {
        guard let (client, id) = relayed.removeValue(forKey: reply.id) else {
            return [.stray("a reply to no command")]
        }
        var actions: [Action] = []
        if let index = index(of: client) {
            clients[index].relayed -= 1
            push(reply.line(withID: id), to: client, &actions)
        }
        return actions + advance()
    }

    // MARK: Clients

    /// Takes a client in. When there are as many as can be, the one that has been idle for longest goes: a monitor that
    /// somebody has forgotten must not keep the health check out.
    ///
    /// - Returns: nil when all are busy.
    public mutating func connect(_ peer: Peer) -> (client: ClientID?, actions: [Action]) {
        var actions: [Action] = []
        let strangers = clients.indices.filter { clients[$0].child == nil }
        if strangers.count >= Self.maximumClients {
            let idle = strangers.filter { clients[$0].isIdle }
            guard let oldest = idle.min(by: { clients[$0].lastUse < clients[$1].lastUse }) else { return (nil, []) }
            drop(at: oldest, .madeRoom, &actions)
        }
        return (takeIn(peer, policy, child: nil), actions)
    }

    /// Takes in a child of PID 1's, by its name. What it may do is `level`'s, whatever the others may; and its place is its own:
    /// no client can take it.
    public mutating func connectChild(_ name: String, _ peer: Peer, level: QMPPolicy.Level) -> ClientID {
        takeIn(peer, policy.ofChannel(level), child: name)
    }

    private mutating func takeIn(_ peer: Peer, _ policy: QMPPolicy, child: String?) -> ClientID {
        lastSerial += 1
        lastUse += 1
        var client = Client(id: ClientID(serial: lastSerial), peer: peer, policy: policy, child: child)
        if let greeting { client.outbox.append(greeting) }
        client.lastUse = lastUse
        clients.append(client)
        return client.id
    }

    /// Takes the next bytes of a client, split anywhere. A client that is gone is ignored, here and below.
    public mutating func receive(_ bytes: some Sequence<UInt8>, from client: ClientID) -> [Action] {
        guard let index = index(of: client) else { return [] }
        lastUse += 1
        clients[index].lastUse = lastUse
        clients[index].framer.append(bytes)
        return advance()
    }

    /// The client has closed its connection. What QEMU still does for it goes on.
    public mutating func disconnected(_ client: ClientID) -> [Action] {
        guard let index = index(of: client) else { return [] }
        remove(at: index)
        return advance()
    }

    public mutating func answer(_ ticket: Ticket, _ answer: Answer) -> [Action] {
        guard let index = index(of: ticket.client), let request = clients[index].request, request.ticket == ticket
        else { return [] }
        clients[index].request = nil
        let line =
            switch answer {
            case .success(let value): QMPLine.success(value, id: request.id)
            case .failure(let `class`, let desc): QMPLine.failure(QMPError(class: `class`, desc: desc), id: request.id)
            }
        var actions: [Action] = []
        push(line, to: ticket.client, &actions)
        return actions + advance()
    }

    // MARK: Output

    /// Those with something to write.
    public var clientsWithOutput: [ClientID] {
        clients.lazy.filter { !$0.outbox.isEmpty }.map(\.id)
    }

    /// What is to be written to a client: `bytes` from `start` to their end.
    public func output(for client: ClientID) -> (bytes: [UInt8], start: Int) {
        guard let index = index(of: client) else { return ([], 0) }
        return (clients[index].outbox.bytes, clients[index].outbox.start)
    }

    /// The shell has written `count` bytes of the client's output.
    public mutating func wrote(_ count: Int, to client: ClientID) -> [Action] {
        guard let index = index(of: client) else { return [] }
        let waited = clients[index].hasTooMuchOutput
        clients[index].outbox.discard(first: count)
        return waited && !clients[index].hasTooMuchOutput ? advance() : []
    }

    /// False while a client has enough to be worked off, or QEMU has not greeted; it is not to be read then.
    public func wantsInput(from client: ClientID) -> Bool {
        greeting != nil && index(of: client).map { clients[$0].wantsInput } ?? false
    }

    /// Whether nothing is under way for a client any more: one that has closed its sending end may still want replies.
    public func isIdle(_ client: ClientID) -> Bool {
        index(of: client).map { clients[$0].isIdle } ?? true
    }

    // MARK: The round

    private func index(of client: ClientID) -> Int? {
        clients.firstIndex { $0.id == client }
    }

    private mutating func remove(at index: Int) {
        clients.remove(at: index)
        if index < turn { turn -= 1 }
    }

    private mutating func drop(at index: Int, _ reason: DropReason, _ actions: inout [Action]) {
        actions.append(.drop(clients[index].id, child: clients[index].child, reason))
        remove(at: index)
    }

    private mutating func push(_ line: some Collection<UInt8>, to client: ClientID, _ actions: inout [Action]) {
        guard let index = index(of: client), !clients[index].push(line) else { return }
        drop(at: index, .doesNotRead, &actions)
    }

    /// Carries out what can be, each client's turn after the other's, until nothing more can.
    private mutating func advance() -> [Action] {
        var actions: [Action] = []
        var idle = 0
        while greeting != nil, idle < clients.count {
            if turn >= clients.count { turn = 0 }
            idle = takeTurn(&actions) ? 0 : idle + 1
            turn += 1
        }
        while clients.reduce(0, { $0 + $1.held }) > Self.maximumHeld,
            let fullest = clients.indices.max(by: { clients[$0].held < clients[$1].held })
        {
            let reads = clients[fullest].outbox.count < clients[fullest].held / 2
            drop(at: fullest, reads ? .sendsTooMuch : .doesNotRead, &actions)
        }
        return actions
    }

    /// - Returns: whether anything came of it.
    private mutating func takeTurn(_ actions: inout [Action]) -> Bool {
        let index = turn
        while clients[index].wantsInput, let frame = clients[index].framer.next() {
            guard let command = clients[index].interpret(frame) else {
                drop(at: index, .commandIsTooLong, &actions)
                // The next client has moved into its place.
                turn -= 1
                return true
            }
            clients[index].enqueue(command)
        }
        guard clients[index].isReady(qemuHasRoom: relayed.count < Self.maximumRelayed) else { return false }
        let next = clients[index].dequeue()
        if let audit = next.audit { actions.append(audit) }
        switch next.work {
        case .relay(var line):
            relayed[nextID] = (clients[index].id, next.id)
            clients[index].relayed += 1
            line += "\(nextID)}\r\n".utf8
            nextID += 1
            actions.append(.sendToQEMU(line))
        case .request(let request):
            lastSerial += 1
            let ticket = Ticket(client: clients[index].id, serial: lastSerial)
            clients[index].request = (ticket, next.id)
            actions.append(.request(request, ticket))
        case .answer(let line):
            push(line, to: clients[index].id, &actions)
        }
        return true
    }
}
