import Linux
import Machine
import QMP

/// QEMU, when there is one: starts it, and hands what comes through its channels to those whom it concerns.
final class QEMUHost {
    /// In the order in which they are looked at when nothing is reported: what was said counts before the end of it.
    enum Channel: CaseIterable {
        case messages, console, agent, qmp
    }

    private let setup: RunSetup
    private let epoll: Epoll
    private let reader: Reader
    private let log: Log
    private let clients: ClientPort
    private let viewers: ConsolePort
    private var process: QEMUProcess?
    /// Whether the console's lines are looked through for the ready pattern.
    var awaitsPattern = false

    init(_ setup: RunSetup, epoll: Epoll, reader: Reader, log: Log, clients: ClientPort, viewers: ConsolePort) {
        self.setup = setup
        self.epoll = epoll
        self.reader = reader
        self.log = log
        self.clients = clients
        self.viewers = viewers
    }

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

    // MARK: To QEMU

    func send(_ command: QMPCommand) {
        process?.qmp.send(command)
    }

    func send(_ line: [UInt8]) {
        process?.qmp.send(line)
    }

    func sendToAgent(_ bytes: [UInt8], isProbe: Bool) {
        process?.agent?.send(bytes, isProbe: isProbe)
    }

    /// What was typed by viewers, as far as the guest takes it.
    func takeInput() {
        guard let console = process?.console else { return }
        viewers.writeInput { console.write($0, from: $1) }
    }

    func flush() {
        process?.qmp.flush()
    }

    // MARK: From QEMU

    func isReady(_ channel: Channel, _ ready: Epoll.Interest) -> [Work] {
        let isReadable = !ready.isDisjoint(with: [.readable, .hungUp])
        var work: [Work] = []
        switch channel {
        case .messages:
            _ = process?.messages.read(reader)
        case .agent:
            let bytes = process?.agent?.read(reader) ?? []
            if !bytes.isEmpty { work.append(.event(.agentOutput(bytes))) }
        case .console:
            if ready.contains(.writable) {
                process?.console.canWrite()
                takeInput()
            }
            if isReadable { _ = readConsole(&work) }
        case .qmp:
            if ready.contains(.writable) { process?.qmp.canWrite() }
            if isReadable { _ = readQMP(&work) }
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
        while readQMP(&work) {}
        work += flushPartialLines()
        return (work, process.messages.lastWords)
    }

    /// - Returns: whether there may be more; here and below.
    private func readQMP(_ work: inout [Work]) -> Bool {
        switch process?.qmp.read(reader) {
        case .received(let received):
            for item in received { take(item, &work) }
            return true
        case .lost(let reason):
            work.append(.qemuIsGone(reason: reason))
        case .nothing, nil:
            break
        }
        return false
    }

    private func take(_ received: QMPSession.Received, _ work: inout [Work]) {
        let outcomes: [ClientPort.Outcome]
        switch received {
        case .greeting(_, let line):
            outcomes = clients.greeted(by: line)
            viewers.listen()
        case .event(let event, let line):
            // What the guest wrote before a reset must not count as written after it.
            if case .reset = event {
                readWhatConsoleHas(&work)
                work += flushPartialLines()
            }
            outcomes = clients.event(line)
        case .reply(let reply):
            outcomes = clients.reply(reply)
        case .answered, .refused, .stray:
            outcomes = []
        }
        for outcome in outcomes { work.append(.outcome(outcome)) }
        if let incoming = received.incoming { work.append(.event(.qmp(incoming))) }
    }

    private func readConsole(_ work: inout [Work]) -> Bool {
        guard case .wrote(let bytes, let finding) = process?.console.read(reader, awaitsPattern: awaitsPattern) else {
            return false
        }
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
        process?.console.flush(awaitsPattern: awaitsPattern).map { [.event(.console($0))] } ?? []
    }
}
