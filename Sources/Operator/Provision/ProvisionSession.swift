import Linux

/// `drover provision`: carries out what the dialogue decides, on PID 1's sockets.
public final class ProvisionSession {
    private let sockets: RuntimeSockets
    private let line: any ProvisionLine
    private let signals: SignalDescriptor
    private var dialogue: ProvisionDialogue
    private var actions: [ProvisionDialogue.Action]
    private var signal: Signal?
    private let say: (String) -> Void

    /// - Parameter say: shows a line to whoever watches.
    public init(
        _ options: ProvisionOptions, sockets: RuntimeSockets, signals: SignalDescriptor, say: @escaping (String) -> Void
    ) throws {
        self.sockets = sockets
        self.signals = signals
        self.say = say
        line =
            switch options.console {
            case .serial: try ProvisionSerialLine(sockets)
            case .screen: try ProvisionScreenLine(sockets)
            }
        let nonce = try randomBytes(4).map { String(Int($0) + 256, radix: 16).dropFirst() }.joined()
        dialogue = ProvisionDialogue(options, nonce: nonce, at: .now())
        actions = dialogue.begin()
    }

    /// The console's last screenful when it failed.
    public var transcript: [String] { dialogue.transcript }

    /// - Returns: the signal that has cut it short, if one has.
    public func run() throws(ClientFailure) -> Signal? {
        while true {
            while !actions.isEmpty {
                switch actions.removeFirst() {
                case .type(let bytes): try line.type(bytes)
                case .say(let text): say(text)
                case .askAgent: handle(.agent(problem: try agentProblem()))
                case .end(let failure):
                    if let signal { return signal }
                    if let failure { throw failure }
                    return nil
                }
            }
            try turn()
        }
    }

    /// Waits once, and moves what can be moved.
    private func turn() throws(ClientFailure) {
        let events = try line.wait(until: dialogue.wake, or: signals.descriptor)
        if let ending = try endingSignal() {
            // Whoever insists gets it at once.
            if signal != nil { actions.append(.end(nil)) }
            signal = ending
            handle(.interrupted)
        }
        for event in events { handle(event) }
        if !line.isTyping { handle(.time) }
    }

    private func endingSignal() throws(ClientFailure) -> Signal? {
        do throws(Errno) {
            return try signals.read().first { $0.signal.endsSession }?.signal
        } catch .wouldBlock {
            return nil
        } catch {
            throw ClientFailure(.broken, "signals cannot be read: \(error)")
        }
    }

    private func handle(_ event: ProvisionDialogue.Event) {
        actions += dialogue.handle(event, at: .now())
    }

    /// Nil: the agent answers. That PID 1 is not there ends it all.
    private func agentProblem() throws(ClientFailure) -> String? {
        do throws(ClientFailure) {
            let client = try QMPClient.connect(to: sockets.qmp, until: .now() + .seconds(5))
            _ = try GuestAgent(client).ping()
            return nil
        } catch {
            guard error.exit == .no || error.exit == .deadline else { throw error }
            return error.message
        }
    }
}
