import Linux
import QMP

// What operators ask the agent, and what is due by itself.
extension AgentClient {
    private static let noAnswer = "the guest agent does not answer"
    private static let atAnother = "the guest agent is at another command, and has not answered that yet"

    public mutating func request(_ request: AgentRequest, at now: Instant) -> [Action] {
        if case .off = state { return refuse(request, "the guest has not been started yet") }
        if shutdownIsAsked { return refuse(request, "the guest is being stopped") }
        if isPaused { return refuse(request, "the guest is paused") }
        if queue.count == Self.queueLimit { return refuse(request, "too many commands wait for the guest agent") }
        requestDeadlines[request.ticket] = now + request.timeout
        queue.append(request)
        // Somebody wants to know now, whatever may be there.
        if case .synchronizing = state, !isAnswering {
            return probe(Port.allCases.filter { isProbeDue(on: $0, at: now) }, at: now)
        }
        return sendNext(at: now)
    }

    private func isProbeDue(on port: Port, at now: Instant) -> Bool {
        self[port].lastProbe.map { now - $0 >= Self.pingTime } ?? true
    }

    private func refuse(_ request: AgentRequest, _ reason: String) -> [Action] {
        [.answer(request.ticket, .failure(desc: reason))]
    }

    mutating func sendNext(at now: Instant) -> [Action] {
        guard case .inSync(let port, _) = state, outstanding.isEmpty, !shutdownIsAsked, !queue.isEmpty else {
            return []
        }
        let request = queue.removeFirst()
        outstanding = [.request(request.ticket)]
        if request.execute.hasPrefix("guest-fsfreeze-freeze") { mayBeFrozen = true }
        if request.execute == "guest-fsfreeze-thaw" { mayBeFrozen = false }
        // The request has a deadline of its own.
        stateDeadline = nil
        return [.send(request.line, to: port, isProbe: false)]
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

    // MARK: Time

    public mutating func deadlineReached(at now: Instant) -> [Action] {
        var actions = expireRequests(at: now)
        guard !isPaused, let stateDeadline, stateDeadline <= now else { return actions }
        switch state {
        case .off:
            self.stateDeadline = nil
        case .synchronizing:
            actions += lost("does not answer any more") + probe(openPorts, at: now)
        case .inSync(let port, _) where outstanding.isEmpty:
            outstanding = [.ping]
            self.stateDeadline = now + Self.pingTime
            actions.append(.send(AgentRequest.ping, to: port, isProbe: false))
        case .inSync:
            actions += resync(Self.noAnswer, at: now)
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
                actions += resync(Self.noAnswer, at: now)
            }
        }
        return actions
    }
}
