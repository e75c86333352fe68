import Linux

/// `drover provision`: carries out what the dialogue decides, on PID 1's sockets.
public final class ProvisionSession {
    private let sockets: RuntimeSockets
    private let connection: Descriptor
    private let signals: SignalDescriptor
    private var dialogue: ProvisionDialogue
    private var toGuest: [UInt8] = []
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
        connection = try RuntimeSockets.connect(to: sockets.console, until: .now() + .seconds(5))
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
                case .type(let bytes): toGuest += bytes
                case .say(let text): say(text)
                case .askAgent: handle(.agent(problem: try agentProblem()))
                case .end(let failure):
                    if let signal { return signal }
                    if let failure { throw failure }
                    return nil
                }
            }
            do throws(Errno) {
                try turn()
            } catch {
                throw ClientFailure(.broken, "the console is lost: \(error)")
            }
        }
    }

    /// Waits once, and moves what can be moved.
    private func turn() throws(Errno) {
        let ready = try poll(
            [
                PollRequest(signals.descriptor, readable: true),
                PollRequest(connection, readable: true, writable: !toGuest.isEmpty),
            ], until: dialogue.wake)
        if ready[0].isReadable, let ending = try signals.read().first(where: { $0.signal.endsSession }) {
            // Whoever insists gets it at once.
            if signal != nil { actions.append(.end(nil)) }
            signal = ending.signal
            handle(.interrupted)
        }
        if ready[1].isReadable { readGuest() }
        if ready[1].isWritable { sendToGuest() }
        handle(.time)
    }

    private func handle(_ event: ProvisionDialogue.Event) {
        actions += dialogue.handle(event, at: .now())
    }

    private func readGuest() {
        var buffer = [UInt8](repeating: 0, count: 16384)
        do throws(Errno) {
            let count = try connection.read(into: &buffer)
            handle(count == 0 ? .consoleClosed : .output(Array(buffer[..<count])))
        } catch .wouldBlock {
        } catch {
            handle(.consoleClosed)
        }
    }

    private func sendToGuest() {
        do throws(Errno) {
            toGuest.removeFirst(try connection.send(toGuest))
        } catch .wouldBlock {
        } catch {
            // The reading side sees the end of the stream as well, and tells.
            toGuest = []
        }
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
