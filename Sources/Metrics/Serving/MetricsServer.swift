import Basics
import Linux
import Machine
import Operator
import QMP

/// Serves metrics and health checks over HTTP: the process that faces the network. It reads, answers, and can do nothing else.
public final class MetricsServer {
    /// At a time; a further one is told to come back, unless another has nothing under way.
    public static let maximumConnections = 64
    private final class Connection {
        let descriptor: Descriptor
        var state: HTTPConnection

        init(_ descriptor: Descriptor) {
            self.descriptor = descriptor
            state = HTTPConnection(at: .now())
        }
    }

    private let listener: Descriptor
    private let channel: Descriptor
    private let askers: [HealthAsker]
    private var desk: MetricsDesk
    private var connections: [MetricsDesk.Client: Connection] = [:]
    private var lastClient = 0
    /// Since the code was last let go.
    private var hasAnswered = false
    private var buffer = [UInt8](repeating: 0, count: 4096)
    /// What PID 1 has not taken yet.
    private var toPID1 = QMPBatch.opening

    /// - Parameters:
    ///   - channel: to PID 1's QMP; there are two more for the health checks.
    ///   - socket: of PID 1's, where health checks go.
    public init(
        _ channel: Descriptor, checks: [Descriptor], socket: String, listening address: ListenAddress,
        _ setting: Readings.Setting
    ) throws(ClientFailure) {
        self.channel = channel
        let (container, files) = (ContainerUsage.Files(), KeptFiles())
        desk = MetricsDesk(setting) { $0.readHost(setting, container, in: files) }
        do throws(Errno) {
            try channel.setNonBlocking(true)
            // Before there is anything that faces a network, which they are not to have.
            var askers: [HealthAsker] = []
            for (depth, channel) in zip([HealthCheck.Depth.live, .ready], checks) {
                askers.append(try HealthAsker(depth, channel, socket: socket))
            }
            self.askers = askers
        } catch {
            throw ClientFailure(.broken, "metrics cannot be served: \(error)")
        }
        listener = try address.listen()
    }

    /// Finds out once what each scrape is to find out, and so has open what it needs; then gives up, for good, whatever is not
    /// needed from then on. Opening files is among it.
    ///
    /// When QEMU does not answer meanwhile, the times of its vCPUs stay unknown.
    public func confine() throws(ClientFailure) {
        let first = HTTPRequest(isHead: false, path: "/metrics", format: .prometheus, isKeptAlive: false)
        carryOut(desk.request(first, of: lastClient, at: .now()))
        while desk.deadline != nil {
            guard try turn(isAccepting: false) else { return }
        }
        do throws(Errno) {
            try SystemCallFilter(allowing: [
                .read, .readAt, .write, .send, .accept, .shutdown, .close, .poll, .volumeStatus, .brk, .mmapData,
                .mremap, .munmap, .madvise, .futex, .time, .random, .returnFromSignal, .restart, .exitGroup,
            ]).install()
        } catch {
            throw ClientFailure(
                .broken, "metrics are not served by a process that cannot be confined (seccomp): \(error)")
        }
    }

    /// Until the channel ends, as QEMU has.
    public func run() throws(ClientFailure) {
        while try turn(isAccepting: true) {}
    }

    /// - Returns: false when the channel has ended.
    private func turn(isAccepting: Bool) throws(ClientFailure) -> Bool {
        let clients = connections.keys.sorted()
        var requests = [PollRequest(listener, readable: isAccepting)]
        requests.append(PollRequest(channel, readable: true, writable: !toPID1.isEmpty))
        requests += askers.map { PollRequest($0.channel, readable: true) }
        for client in clients {
            guard let connection = connections[client] else { continue }
            requests.append(
                PollRequest(
                    connection.descriptor, readable: connection.state.wantsInput,
                    writable: connection.state.hasOutput))
        }
        do throws(Errno) {
            let results = try poll(requests, until: deadline)
            if !(try exchange(results[1])) { return false }
            for (asker, result) in zip(askers, results[2...]) where result.isReadable { try take(asker) }
            for (client, result) in zip(clients, results[(2 + askers.count)...]) { serve(client, result) }
            if results[0].isReadable { acceptAll() }
        } catch {
            throw ClientFailure(.broken, "metrics cannot be served any longer: \(error)")
        }
        deadlinesReached()
        // Between scrapes little of it is needed, and what is comes back from the page cache.
        if hasAnswered, desk.isIdle {
            hasAnswered = false
            releaseProgramCode()
        }
        return true
    }

    private var deadline: Instant? {
        (connections.values.map(\.state.deadline) + [desk.deadline]).compactMap { $0 }.min()
    }

    // MARK: PID 1 and the health checks

    /// - Returns: false when the channel has ended.
    private func exchange(_ result: PollResult) throws(Errno) -> Bool {
        if result.isWritable {
            do throws(Errno) {
                toPID1.removeFirst(try channel.send(toPID1))
            } catch .wouldBlock {
            } catch {
                return false
            }
        }
        guard result.isReadable else { return true }
        let count: Int
        do throws(Errno) {
            count = try channel.read(into: &buffer)
        } catch {
            return error == .wouldBlock
        }
        guard count > 0, let actions = try? desk.received(buffer[..<count], at: .now()) else { return false }
        carryOut(actions)
        return true
    }

    private func take(_ asker: HealthAsker) throws(Errno) {
        guard let verdict = try asker.verdict() else { throw .connectionReset }
        carryOut(desk.checked(asker.depth, verdict))
    }

    private func carryOut(_ actions: [MetricsDesk.Action]) {
        for action in actions {
            switch action {
            case .sendToPID1(let bytes): toPID1 += bytes
            case .check(let depth, let seconds):
                for asker in askers where asker.depth == depth { try? asker.ask(seconds: seconds) }
            case .answer(let client, let answer):
                hasAnswered = true
                guard let connection = connections[client] else { continue }
                connection.state.answer(answer, at: .now(), second: currentSecond())
                write(client, connection)
            }
        }
    }

    // MARK: Clients

    private func acceptAll() {
        while let descriptor = try? listener.accept() {
            if connections.count >= Self.maximumConnections { closeIdle() }
            guard connections.count < Self.maximumConnections else {
                turnAway(descriptor)
                continue
            }
            lastClient += 1
            connections[lastClient] = Connection(descriptor)
        }
    }

    /// The one that has been there for longest of those that have nothing under way.
    private func closeIdle() {
        let idle = connections.filter { $0.value.state.isIdle }.keys.min()
        if let idle { connections[idle] = nil }
    }

    private func turnAway(_ descriptor: Descriptor) {
        let answer = HTTPAnswer(.serviceUnavailable, "\(Self.maximumConnections) connections are served already")
        let bytes = answer.encoded(withBody: true, isKeptAlive: false, second: currentSecond())
        _ = try? descriptor.send(bytes)
        descriptor.endOutput()
        // What lies unread when it is closed would take the answer from it.
        _ = try? descriptor.read(into: &buffer)
    }

    private func serve(_ client: MetricsDesk.Client, _ result: PollResult) {
        guard let connection = connections[client] else { return }
        if result.isReadable { read(client, connection) }
        if result.isWritable { write(client, connection) }
        removeIfOver(client, connection)
    }

    private func read(_ client: MetricsDesk.Client, _ connection: Connection) {
        do throws(Errno) {
            let count = try connection.descriptor.read(into: &buffer)
            guard count > 0 else {
                connection.state.inputEnded()
                return
            }
            let request = connection.state.receive(buffer[..<count], at: .now(), second: currentSecond())
            take(request, client, connection)
        } catch {
            if error != .wouldBlock { connection.state.lost() }
        }
    }

    private func take(_ request: HTTPRequest?, _ client: MetricsDesk.Client, _ connection: Connection) {
        if let request { carryOut(desk.request(request, of: client, at: .now())) }
        write(client, connection)
    }

    private func write(_ client: MetricsDesk.Client, _ connection: Connection) {
        guard connection.state.hasOutput else { return }
        do throws(Errno) {
            let count = try connection.descriptor.send(connection.state.output, from: connection.state.start)
            let next = connection.state.wrote(count, at: .now(), second: currentSecond())
            if connection.state.isLingering { connection.descriptor.endOutput() }
            take(next, client, connection)
        } catch {
            if error != .wouldBlock { connection.state.lost() }
        }
    }

    private func removeIfOver(_ client: MetricsDesk.Client, _ connection: Connection) {
        guard connection.state.isOver else { return }
        connections[client] = nil
        desk.left(client)
    }

    private func deadlinesReached() {
        let (now, second) = (Instant.now(), currentSecond())
        carryOut(desk.deadlineReached(at: now))
        for (client, connection) in connections {
            connection.state.deadlineReached(at: now, second: second)
            write(client, connection)
            removeIfOver(client, connection)
        }
    }
}
