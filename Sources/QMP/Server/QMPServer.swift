import JSON
import Linux

/// QMP for any number of clients on one monitor of QEMU's: the shell feeds it and carries out its actions.
///
/// PID 1's own commands have a monitor to themselves. What its own program asks to know whether QEMU is well goes there too:
/// no client can delay either.
public struct QMPServer: Sendable {
    public static let maximumClients = 32
    /// Places beyond those, for PID 1's own program.
    static let maximumOwnClients = 8
    /// Bytes of all clients' commands and replies together.
    static let maximumHeld = 32 << 20

    /// Of those who connect.
    let policy: QMPPolicy
    var clients: [Client] = []
    /// Of those who are no children.
    public private(set) var counted = DroverStatus.Counters.Commands()
    private var atQEMU = AtQEMU()
    private(set) var greeting: [UInt8]?
    /// That of the last QEMU.
    private var lastGreeting: [UInt8]?
    /// There is no QEMU, and none on its way.
    private var isWithoutQEMU = false
    private var lastSerial = 0
    /// Whose turn it is.
    private var turn = 0

    public init(policy: QMPPolicy) {
        self.policy = policy
    }

    /// Connections of those who are no children.
    public var clientCount: Int { clients.count { $0.place.child == nil } }

    // MARK: QEMU

    /// QEMU's greeting on the clients' monitor, as its line came; clients are greeted with it, without its capabilities.
    ///
    /// - Returns: the negotiation with QEMU, and what clients that came before have asked for already.
    public mutating func greeted(by line: [UInt8]) -> [Action] {
        let greeting = QMPGreeting.withoutCapabilities(line)
        if self.greeting == nil {
            for index in clients.indices { clients[index].outbox.append(greeting) }
        }
        self.greeting = greeting
        (lastGreeting, isWithoutQEMU) = (greeting, false)
        return [relay(Self.negotiation, .clients)] + advance()
    }

    /// Drops every client and forgets what it asked for; QEMU may be started again.
    public mutating func qemuIsGone() -> [Action] {
        let actions = clients.map { Action.drop($0.id, child: $0.place.child, .qemuHasGone) }
        clients = []
        atQEMU.forgetAll()
        greeting = nil
        isWithoutQEMU = false
        return actions
    }

    /// What is asked of QEMU is answered with that.
    public static let poweredOff = "the guest has powered itself off; boot it again: drover start"

    /// Serves clients after the end of a QEMU that has greeted, until `qemuIsGone` is told once more.
    public mutating func serveWithoutQEMU() -> [Action] {
        greeting = lastGreeting
        isWithoutQEMU = true
        guard let greeting else { return [] }
        for index in clients.indices { clients[index].outbox.append(greeting) }
        return advance()
    }

    /// Passes an event on to every client that has negotiated.
    public mutating func event(_ line: [UInt8]) -> [Action] {
        let line = line + [13, 10]
        var actions: [Action] = []
        for client in clients.compactMap({ $0.hasNegotiated && $0.hearsEvents ? $0.id : nil }) {
            push(line, to: client, &actions)
        }
        return actions + advance()
    }

    /// Tells the child of that name alone, if it is there.
    ///
    /// - Parameter line: with its end.
    public mutating func tell(child: String, _ line: [UInt8]) -> [Action] {
        var actions: [Action] = []
        for client in clients.compactMap({ $0.place == .child(child) && $0.hasNegotiated ? $0.id : nil }) {
            push(line, to: client, &actions)
        }
        return actions
    }

    /// Passes a reply on to the client that issued the command.
    public mutating func reply(_ reply: QMPReply) -> [Action] {
        guard let command = atQEMU.remove(reply.id) else { return [.stray("a reply to no command")] }
        var actions: [Action] = []
        if command.loadsSnapshot, let reason = reply.humanText, !reason.isEmpty {
            actions.append(.loadFailed(reason: reason))
        }
        if let client = command.client, let index = index(of: client) {
            clients[index].relayed -= 1
            count(reply.isFailure ? .failed : .good, of: clients[index])
            push(reply.line(withID: command.id), to: client, &actions)
        }
        return actions + advance()
    }

    // MARK: Clients

    /// Takes a client in. When there are as many as can be, the one that has been quiet for longest goes: a monitor that
    /// somebody has forgotten must not keep others out.
    ///
    /// - Parameter isOwnProgram: the peer runs PID 1's own executable, for which places are kept.
    /// - Returns: nil when all are busy.
    public mutating func connect(
        _ peer: Peer, isOwnProgram: Bool, at now: Instant
    ) -> (client: ClientID?, actions: [Action]) {
        if isOwnProgram, clients.count(where: { $0.place == .own }) < Self.maximumOwnClients {
            return (takeIn(peer, policy, .own, at: now), [])
        }
        var actions: [Action] = []
        let ordinary = clients.indices.filter { clients[$0].place == .ordinary }
        if ordinary.count >= Self.maximumClients {
            let quiet = ordinary.filter { clients[$0].canLeave(at: now) }
            guard let leaving = quiet.min(by: { clients[$0].leaves(before: clients[$1]) }) else { return (nil, []) }
            drop(at: leaving, .madeRoom, &actions)
        }
        return (takeIn(peer, policy, .ordinary, at: now), actions)
    }

    /// Takes in a child of PID 1's, by its name. What it may do is `level`'s, whatever the others may; and its place is its own:
    /// no client can take it.
    public mutating func connectChild(
        _ name: String, _ peer: Peer, level: QMPPolicy.Level, hearsEvents: Bool = true, at now: Instant
    ) -> ClientID {
        takeIn(peer, policy.ofChannel(level), .child(name), hearsEvents: hearsEvents, at: now)
    }

    private mutating func takeIn(
        _ peer: Peer, _ policy: QMPPolicy, _ place: Place, hearsEvents: Bool = true, at now: Instant
    ) -> ClientID {
        lastSerial += 1
        var client = Client(
            id: ClientID(serial: lastSerial), peer: peer, policy: policy, place: place, hearsEvents: hearsEvents,
            at: now)
        if let greeting { client.outbox.append(greeting) }
        clients.append(client)
        return client.id
    }

    /// Takes the next bytes of a client, split anywhere. A client that is gone is ignored, here and below.
    public mutating func receive(
        _ bytes: some Sequence<UInt8>, from client: ClientID, at now: Instant
    ) -> [Action] {
        guard let index = index(of: client) else { return [] }
        clients[index].lastUse = now
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
        let line: [UInt8]
        switch answer {
        case .success(let value):
            count(.good, of: clients[index])
            line = QMPLine.success(value, id: request.id)
        case .failure(let `class`, let desc):
            count(.failed, of: clients[index])
            line = QMPLine.failure(QMPError(class: `class`, desc: desc), id: request.id)
        }
        var actions: [Action] = []
        push(line, to: ticket.client, &actions)
        return actions + advance()
    }

    // MARK: The round

    func index(of client: ClientID) -> Int? {
        clients.firstIndex { $0.id == client }
    }

    private mutating func remove(at index: Int) {
        clients.remove(at: index)
        if index < turn { turn -= 1 }
    }

    mutating func drop(at index: Int, _ reason: DropReason, _ actions: inout [Action]) {
        actions.append(.drop(clients[index].id, child: clients[index].place.child, reason))
        remove(at: index)
    }

    private mutating func push(_ line: some Collection<UInt8>, to client: ClientID, _ actions: inout [Action]) {
        guard let index = index(of: client), !clients[index].push(line) else { return }
        drop(at: index, .doesNotRead, &actions)
    }

    /// Carries out what can be, each client's turn after the other's, until nothing more can. Our own come before all turns.
    mutating func advance() -> [Action] {
        guard greeting != nil else { return [] }
        var actions: [Action] = []
        for client in clients.lazy.filter({ $0.place == .own }).map(\.id) {
            while let index = index(of: client), takeTurn(at: index, &actions) {}
        }
        var idle = 0
        while idle < clients.count {
            if turn >= clients.count { turn = 0 }
            idle = takeTurn(at: turn, &actions) ? 0 : idle + 1
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
    private mutating func takeTurn(at index: Int, _ actions: inout [Action]) -> Bool {
        while clients[index].wantsInput, let frame = clients[index].framer.next() {
            let command = clients[index].interpret(frame)
            clients[index].enqueue(command)
        }
        guard clients[index].isReady(atQEMU) else { return false }
        let next = clients[index].dequeue()
        if let audit = next.audit { actions.append(audit) }
        switch next.work {
        case .relay where isWithoutQEMU:
            count(.failed, of: clients[index])
            push(QMPLine.failure(.generic(Self.poweredOff), id: next.id), to: clients[index].id, &actions)
        case .relay(let line, let route):
            clients[index].relayed += 1
            actions.append(
                relay(line, route, of: clients[index].id, next.id, loadsSnapshot: next.loadsSnapshot))
        case .request(let request):
            lastSerial += 1
            let ticket = Ticket(client: clients[index].id, serial: lastSerial)
            clients[index].request = (ticket, next.id)
            actions.append(.request(request, ticket))
        case .answer(let line, let outcome):
            count(outcome, of: clients[index])
            push(line, to: clients[index].id, &actions)
        }
        return true
    }

    private mutating func count(_ outcome: DroverStatus.Counters.Commands.Outcome, of client: Client) {
        if client.place.child == nil { counted.count(outcome) }
    }

    private static let negotiation = Array(#"{"execute": "\#(QMPCommand.capabilities.name)", "id": "#.utf8)

    /// - Parameter line: up to our own id.
    private mutating func relay(
        _ line: [UInt8], _ route: Route, of client: ClientID? = nil, _ id: [UInt8]? = nil, loadsSnapshot: Bool = false
    ) -> Action {
        let number = atQEMU.add(
            Relayed(client: client, id: id, route: route, length: line.count, loadsSnapshot: loadsSnapshot))
        return .sendToQEMU(line + "\(number)}\r\n".utf8, route)
    }
}
