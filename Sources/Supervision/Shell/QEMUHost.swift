import Basics
import Linux
import Machine
import QMP

/// QEMU, when there is one: starts it, and hands what comes through its channels to those whom it concerns.
final class QEMUHost {
    /// In the order in which they are looked at when nothing is reported: what was said counts before the end of it.
    enum Channel: Equatable, CaseIterable {
        case messages, console
        case agent(AgentClient.Port)
        /// The clients' control channel, and PID 1's own.
        case clients, qmp

        static let allCases: [Channel] =
            [.messages, .console] + AgentClient.Port.allCases.map { .agent($0) } + [.clients, .qmp]
    }

    private let setup: RunSetup
    private let epoll: Epoll
    private let reader: Reader
    private let log: Log
    private let clients: ClientPort
    private let viewers: ConsolePort
    private var process: QEMUProcess?
    /// What the console's lines are looked through for.
    var awaitedOnConsole = ConsoleWatch.Awaited()

    init(_ setup: RunSetup, epoll: Epoll, reader: Reader, log: Log, clients: ClientPort, viewers: ConsolePort) {
        self.setup = setup
        self.epoll = epoll
        self.reader = reader
        self.log = log
        self.clients = clients
        self.viewers = viewers
    }

    /// What was typed, and what the guest has written, in all QEMUs of the run.
    private(set) var consoleBytes = (in: 0, out: 0)

    var pid: Int32? { process?.pid }

    func launch(_ step: LaunchStep) -> Supervisor.Event {
        // Closing a descriptor takes it out of the epoll set.
        process = nil
        viewers.forgetInput()
        do throws(Errno) {
            let process = try QEMUProcess(setup.launcher, step, console: setup.console, epoll: epoll, log: log)
            self.process = process
            return .launched(pid: process.pid)
        } catch {
            return .launchFailed(error)
        }
    }

    /// QEMU has ended, and there is none for now.
    func forget() {
        process = nil
        viewers.forgetInput()
        Array("\r\n[\(QMPServer.poweredOff)]\r\n".utf8).withUnsafeBytes { viewers.guestWrote($0) }
    }

    // MARK: To QEMU

    func send(_ command: QMPCommand) {
        process?.qmp.send(command)
    }

    func send(_ line: [UInt8], by route: QMPServer.Route) {
        switch route {
        case .clients: process?.clients.send(line)
        case .first: process?.qmp.send(line)
        }
    }

    func sendToAgent(_ bytes: [UInt8], on port: AgentClient.Port, isProbe: Bool) {
        process?.agents[port]?.send(bytes, isProbe: isProbe)
    }

    /// Whether somebody in the guest has read all that was sent to the second serial port.
    var serialIsRead: Bool { process?.agents[.serial]?.isRead ?? false }

    /// What was typed by viewers, as far as the guest takes it.
    func takeInput() {
        guard let console = process?.console else { return }
        viewers.writeInput {
            let count = console.write($0, from: $1)
            consoleBytes.in += count
            return count
        }
    }

    func flush() {
        process?.qmp.flush()
        process?.clients.flush()
    }

    // MARK: From QEMU

    func isReady(_ channel: Channel, _ ready: Epoll.Interest) -> [Work] {
        let isReadable = !ready.isDisjoint(with: [.readable, .hungUp])
        var work: [Work] = []
        switch channel {
        case .messages:
            _ = process?.messages.read(reader)
        case .agent(let port):
            let bytes = process?.agents[port]?.read(reader) ?? []
            if !bytes.isEmpty { work.append(.event(.agentOutput(bytes, from: port))) }
        case .console:
            if ready.contains(.writable) {
                process?.console.canWrite()
                takeInput()
            }
            if isReadable { _ = readConsole(&work) }
        case .clients:
            if ready.contains(.writable) { process?.clients.canWrite() }
            if isReadable { readQMP(process?.clients, &work) }
        case .qmp:
            if ready.contains(.writable) { process?.qmp.canWrite() }
            if isReadable { readQMP(process?.qmp, &work) }
        }
        return work
    }

    /// What QEMU and the guest said last counts before the news that QEMU has ended.
    ///
    /// - Returns: nothing for a pid that is not QEMU's.
    func ended(_ pid: Int32) -> (work: [Work], lastWords: [String]) {
        guard let process, process.pid == pid else { return ([], []) }
        var work: [Work] = []
        while process.messages.read(reader) {}
        while readConsole(&work) {}
        readRest(&work)
        work.append(.qemuIsGone(reason: "closed"))
        work += flushPartialLines()
        return (work, process.messages.lastWords)
    }

    private func readQMP(_ channel: QMPChannel?, _ work: inout [Work]) {
        switch channel?.read(reader) {
        case .received(let received):
            take(received, from: channel, &work)
        case .lost(let reason):
            // QEMU does without neither. What it said by the other before it went still counts.
            readRest(&work)
            work.append(.qemuIsGone(reason: reason))
        case .nothing, nil:
            break
        }
    }

    /// What is left in both control channels; the clients hear of the guest's end before they are dropped.
    private func readRest(_ work: inout [Work]) {
        for channel in [process?.clients, process?.qmp] {
            while case .received(let received) = channel?.read(reader) { take(received, from: channel, &work) }
        }
    }

    private func take(_ received: [QMPSession.Received], from channel: QMPChannel?, _ work: inout [Work]) {
        for item in received {
            if channel === process?.qmp { take(item, &work) } else { takeForClients(item, &work) }
        }
    }

    private func take(_ received: QMPSession.Received, _ work: inout [Work]) {
        switch received {
        case .greeting:
            viewers.listen()
        case .event(.reset, _):
            // What the guest wrote before a reset must not count as written after it.
            readWhatConsoleHas(&work)
            work += flushPartialLines()
        case .reply(let reply):
            add(clients.reply(reply), &work)
        case .event, .answered, .refused, .stray:
            break
        }
        switch received.incoming {
        case .event(.blockIOError(let error)): work.append(.event(.diskFailed(error, in: place(ofNode: error.node))))
        case let incoming?: work.append(.event(.qmp(incoming)))
        case nil: break
        }
    }

    private func place(ofNode node: String) -> DiskPlace? {
        guard let file = setup.launcher.machine.growingFile(ofNode: node) else { return nil }
        let free = file.kind == .regular ? try? freeSpace(file.path) : nil
        return DiskPlace(path: file.path, free: free.map { MiB(bytes: $0) })
    }

    private func takeForClients(_ received: QMPSession.Received, _ work: inout [Work]) {
        switch received {
        case .greeting(_, let line): add(clients.greeted(by: line), &work)
        case .event(_, let line): add(clients.event(line), &work)
        case .reply(let reply): add(clients.reply(reply), &work)
        case .answered, .refused, .stray:
            if let incoming = received.incoming { work.append(.event(.qmp(incoming))) }
        }
    }

    private func add(_ outcomes: [ClientPort.Outcome], _ work: inout [Work]) {
        for outcome in outcomes { work.append(.outcome(outcome)) }
    }

    /// - Returns: whether there may be more.
    private func readConsole(_ work: inout [Work]) -> Bool {
        guard case .wrote(let bytes, let finding) = process?.console.read(reader, awaited: awaitedOnConsole) else {
            return false
        }
        consoleBytes.out += bytes.count
        viewers.guestWrote(bytes)
        if let finding { work.append(.event(.console(finding))) }
        return true
    }

    /// As much as a socket holds, and no more: the guest writes on meanwhile.
    private func readWhatConsoleHas(_ work: inout [Work]) {
        for _ in 0..<8 {
            guard readConsole(&work) else { return }
        }
    }

    // MARK: Time

    /// When a line that has not ended is shown all the same.
    var deadline: Instant? {
        [process?.console.deadline, process?.messages.deadline].compactMap { $0 }.min()
    }

    func deadlineReached(at now: Instant) -> [Work] {
        if let deadline = process?.messages.deadline, deadline <= now { process?.messages.flush() }
        guard let deadline = process?.console.deadline, deadline <= now else { return [] }
        return flushConsole()
    }

    private func flushPartialLines() -> [Work] {
        process?.messages.flush()
        return flushConsole()
    }

    private func flushConsole() -> [Work] {
        process?.console.flush(awaited: awaitedOnConsole).map { [.event(.console($0))] } ?? []
    }
}
