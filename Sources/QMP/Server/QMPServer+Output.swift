import Linux

/// What clients get to read, and how long they are waited for.
extension QMPServer {
    /// Those with something to write.
    public var clientsWithOutput: [ClientID] {
        clients.lazy.filter { !$0.outbox.isEmpty }.map(\.id)
    }

    /// What is to be written to a client: `bytes` from `start` to their end.
    public func output(for client: ClientID) -> (bytes: [UInt8], start: Int) {
        guard let index = index(of: client) else { return ([], 0) }
        return (clients[index].outbox.bytes, clients[index].outbox.start)
    }

    /// The shell has written `count` bytes of the client's output; none, when the client takes none.
    public mutating func wrote(_ count: Int, to client: ClientID, at now: Instant) -> [Action] {
        guard let index = index(of: client) else { return [] }
        let waited = clients[index].hasTooMuchOutput
        clients[index].wrote(count, at: now)
        return waited && !clients[index].hasTooMuchOutput ? advance() : []
    }

    /// When the next client is dropped unless it reads.
    public var deadline: Instant? {
        clients.lazy.compactMap(\.stuckSince).min().map { $0 + Client.patience }
    }

    public mutating func deadlineReached(at now: Instant) -> [Action] {
        var actions: [Action] = []
        for index in clients.indices.reversed() {
            guard let since = clients[index].stuckSince, since + Client.patience <= now else { continue }
            drop(at: index, .doesNotRead, &actions)
        }
        return actions + advance()
    }

    /// False while a client has enough to be worked off, or QEMU has not greeted; it is not to be read then.
    public func wantsInput(from client: ClientID) -> Bool {
        greeting != nil && index(of: client).map { clients[$0].wantsInput } ?? false
    }

    /// Whether nothing is under way for a client any more: one that has closed its sending end may still want replies.
    public func isIdle(_ client: ClientID) -> Bool {
        index(of: client).map { clients[$0].isIdle } ?? true
    }
}
