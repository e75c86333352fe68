import JSON
import Linux
import QMP

/// A conversation with PID 1 over qmp.sock. One command is under way at a time; every wait has a deadline.
public final class QMPClient {
    let connection: Descriptor
    private let name: String
    private var framer = QMPFramer()
    /// Lines that have come and nobody has asked for yet.
    private var received: [ClientMessage] = []
    private var lastID = 0
    /// Most answers are far smaller, and touching memory is what costs a health check most.
    private var buffer = [UInt8](repeating: 0, count: 16384)
    /// Called for every event that comes while an answer is waited for.
    public var onEvent: (ClientMessage) -> Void = { _ in }

    /// - Parameter name: the socket's path, for error messages.
    public init(_ connection: Descriptor, name: String) {
        self.connection = connection
        self.name = name
    }

    /// Connects, reads the greeting and negotiates.
    public static func connect(to path: String, until deadline: Instant) throws(ClientFailure) -> QMPClient {
        let client = QMPClient(try RuntimeSockets.connect(to: path, until: deadline), name: path)
        try client.negotiate(until: deadline)
        return client
    }

    public func negotiate(until deadline: Instant) throws(ClientFailure) {
        guard let greeting = try next(until: deadline) else {
            let reason = "PID 1 took the connection, but sent no greeting in time"
            throw ClientFailure(.deadline, "\(name): \(reason); is QEMU still being started?")
        }
        guard greeting.kind == .greeting else {
            throw ClientFailure(.broken, "\(name): this is no QMP server: \(shown(greeting.line))")
        }
        try expectSuccess(of: .capabilities, until: deadline)
    }

    // MARK: Commands

    /// Runs a command and waits for its answer, which may be a failure.
    ///
    /// - Parameter observe: called for every event that comes meanwhile.
    public func execute(
        _ command: QMPCommand, until deadline: Instant, observe: (ClientMessage) -> Void = { _ in }
    ) throws(ClientFailure) -> ClientMessage {
        lastID += 1
        let id = lastID
        try send(command.encoded(id: id), deadline)
        while let reply = try next(until: deadline) {
            switch reply.kind {
            case .event:
                onEvent(reply)
                observe(reply)
            case .greeting: break
            // A failure without an id is about a line that could not be read, which can only be ours. What has
            // another id is the late answer to a command we have stopped waiting for.
            case .failure where reply.id == nil: return reply
            case .success, .failure: if reply.id == id { return reply }
            }
        }
        throw ClientFailure(.deadline, "\(name): \(command.name) was not answered in time")
    }

    /// The same for a command that must succeed; that it failed is the answer "no".
    @discardableResult
    public func expectSuccess(
        of command: QMPCommand, until deadline: Instant, observe: (ClientMessage) -> Void = { _ in }
    ) throws(ClientFailure) -> ClientMessage {
        let reply = try execute(command, until: deadline, observe: observe)
        if case .failure(_, let description) = reply.kind {
            throw ClientFailure(.no, "\(command.name): \(terminalLine(description))")
        }
        return reply
    }

    /// What PID 1 knows of the run; it answers by itself, whatever QEMU does.
    public func status(until deadline: Instant) throws(ClientFailure) -> DroverStatus {
        let reply = try expectSuccess(of: QMPCommand(DroverCommand.status.rawValue), until: deadline)
        do throws(JSONMismatch) {
            return try DroverStatus(reply.result ?? .null)
        } catch {
            throw misunderstood(.status, error)
        }
    }

    /// Of an answer of PID 1's own.
    public func misunderstood(_ command: DroverCommand, _ error: JSONMismatch) -> ClientFailure {
        let reason = "PID 1 is another version of drover: its \(command.rawValue) is not understood (\(error))"
        return ClientFailure(.broken, "\(name): \(reason); use the drover of this container")
    }

    // MARK: Lines

    /// Sends a line as it is, and its end.
    func send(_ line: [UInt8], _ deadline: Instant) throws(ClientFailure) {
        let bytes = line + Array("\r\n".utf8)
        var sent = 0
        do throws(Errno) {
            while sent < bytes.count {
                do throws(Errno) {
                    sent += try connection.send(bytes, from: sent)
                } catch .wouldBlock {
                    guard try connection.wait(until: .writable, deadline) else { throw .timedOut }
                }
            }
        } catch .timedOut {
            throw ClientFailure(.deadline, "\(name): PID 1 does not read")
        } catch .brokenPipe {
            // What PID 1 has said before it went is more than that it has gone; reading will come upon both.
        } catch {
            throw lost("\(error)")
        }
    }

    /// The next message; nil when none is complete at the deadline.
    public func next(until deadline: Instant) throws(ClientFailure) -> ClientMessage? {
        while received.isEmpty {
            // Also when there is always more to read.
            guard Instant.now() < deadline else { return nil }
            do throws(Errno) {
                guard try connection.wait(until: .readable, deadline) else { return nil }
            } catch {
                throw lost("\(error)")
            }
            try readAvailable()
        }
        return received.removeFirst()
    }

    /// A message that has come, without waiting for one.
    func nextReceived() throws(ClientFailure) -> ClientMessage? {
        if received.isEmpty { try readAvailable() }
        return received.isEmpty ? nil : received.removeFirst()
    }

    private func readAvailable() throws(ClientFailure) {
        let count: Int
        do throws(Errno) {
            count = try connection.read(into: &buffer)
        } catch .wouldBlock {
            return
        } catch {
            throw lost("\(error)")
        }
        guard count > 0 else { throw lost("PID 1 closed it") }
        let lines: [[UInt8]]
        do throws(QMPFramer.LineTooLong) {
            lines = try framer.append(buffer[..<count])
        } catch {
            throw ClientFailure(.broken, "\(name): a line of more than \(error.limit >> 20) MiB; this is no QMP server")
        }
        for line in lines {
            guard let reply = try? ClientMessage(line: line) else {
                throw ClientFailure(.broken, "\(name): this is no QMP: \(shown(line))")
            }
            received.append(reply)
        }
    }

    private func lost(_ reason: String) -> ClientFailure {
        ClientFailure(.broken, "\(name): the connection is lost: \(reason); has the run ended? see the container's log")
    }

    private func shown(_ line: [UInt8]) -> String {
        String(terminalLine(String(decoding: line.prefix(80), as: UTF8.self)))
    }
}
