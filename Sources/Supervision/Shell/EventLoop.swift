import Basics
import CLinux
import JSON
import Linux
import Machine
import QMP

/// The shell around `Supervisor`: waits for descriptors, turns what they bring into events, carries actions out.
///
/// One thread; nothing blocks but the wait itself. Every descriptor has an owner, who alone reads and writes it; what one
/// owner has for another goes through here. Once `run` has started, nothing bails out: what fails is logged, and the
/// supervisor decides.
public final class EventLoop {
    /// What is still to be done. One after the other: what a piece of work leads to comes behind what was there before.
    private enum Work {
        case event(Supervisor.Event)
        case outcome(ClientPort.Outcome)
    }

    private var supervisor: Supervisor
    private let setup: RunSetup
    private let log: Log
    private let waiter: Waiter
    private let reader = Reader()
    private let output: LogOutput
    private let clients: ClientPort
    private let viewers: ConsolePort
    private let children: ChildProcesses
    private var qemu: QEMUProcess?
    private var work: [Work] = []
    private var end: (code: ExitCode, reason: String)?

    /// - Parameter signals: made first thing in the process, so that no signal takes its default action.
    public init(_ setup: RunSetup, supervisor: Supervisor, log: Log, signals: SignalDescriptor) throws(Errno) {
        self.supervisor = supervisor
        self.setup = setup
        self.log = log
        waiter = try Waiter(signals)
        let epoll = waiter.epoll
        output = try LogOutput(log, epoll: epoll)
        clients = ClientPort(setup.sockets.qmp, policy: setup.policy, epoll: epoll, reader: reader, log: log)
        viewers = ConsolePort(setup.sockets.console, epoll: epoll, reader: reader, log: log)
        children = ChildProcesses(epoll: epoll, reader: reader, log: log)
    }

    /// Starts the guest and returns when the run is over, with the exit code for the container runtime.
    public func run() -> ExitCode {
        feed(.start)
        carryOutWork()
        while true {
            add(clients.writeOutput())
            carryOutWork()
            viewers.writeOutput()
            output.write()
            if let end {
                finish(end.code, end.reason)
                return end.code
            }
            waitOnce()
        }
    }

    private func waitOnce() {
        let deadline = nextDeadline
        if let count = waiter.wait(until: deadline) {
            for index in 0..<count {
                let (token, ready) = waiter.epoll[index]
                guard let source = Source(token: token) else { continue }
                dispatch(source, ready)
                carryOutWork()
            }
        } else {
            lookAtEverything(dueAt: deadline)
        }
        if let reason = waiter.untoldFailure() {
            feed(.shellFailed(reason: reason))
            carryOutWork()
        }
    }

    /// What would have been reported cannot be.
    private func lookAtEverything(dueAt deadline: Instant?) {
        let sources = QEMUProcess.sources + clients.sources + viewers.sources + children.sources + [.output, .signals]
        for source in sources {
            dispatch(source, [.readable, .writable])
            carryOutWork()
        }
        reapChildren()
        if let deadline, deadline <= .now() { deadlineReached() }
        carryOutWork()
    }

    private func dispatch(_ source: Source, _ ready: Epoll.Interest) {
        switch source {
        case .signals: readSignals()
        case .timer: deadlineReached()
        case .output: output.isReady()
        case .qmp: qmpIsReady(ready)
        case .console: consoleIsReady(ready)
        case .agent: readAgent()
        case .messages: _ = qemu?.messages.read(reader)
        case .qmpListener: add(clients.accept())
        case .consoleListener: viewers.accept()
        case .client(let client): add(clients.isReady(client, ready))
        case .viewer(let viewer):
            viewers.isReady(viewer, ready)
            viewers.writeInput(to: qemu?.console.connection)
        case .child(let child): children.isReady(child)
        }
    }

    private func finish(_ code: ExitCode, _ reason: String) {
        if supervisor.orphansReaped > 0 {
            log.write(.debug, "reaped \(supervisor.orphansReaped) orphaned processes")
        }
        setup.sockets.remove()
        setup.sockets.writeLastStop("\(RunFacts.timestamp()) exit \(code.rawValue): \(reason)")
        output.finish()
    }

    // MARK: Work

    private func feed(_ event: Supervisor.Event) {
        work.append(.event(event))
    }

    private func add(_ outcomes: [ClientPort.Outcome]) {
        for outcome in outcomes { work.append(.outcome(outcome)) }
    }

    private func carryOutWork() {
        var next = 0
        while next < work.count {
            switch work[next] {
            case .event(let event): for action in supervisor.handle(event, at: .now()) { carryOut(action) }
            case .outcome(let outcome): carryOut(outcome)
            }
            next += 1
        }
        work.removeAll(keepingCapacity: true)
    }

    private func carryOut(_ action: Supervisor.Action) {
        switch action {
        case .launch(let step): launch(step)
        case .launchChild(let child): launch(child)
        case .send(let command): qemu?.qmp.send(command)
        case .kill(let pid, let signal): kill(pid, signal)
        case .sendToAgent(let bytes, let isProbe): qemu?.agent?.send(bytes, isProbe: isProbe)
        case .answer(let ticket, let answer): add(clients.answer(ticket, answer))
        case .log(let level, let message): log.write(level, message)
        case .releaseStartupCode: clinux_release_code()
        case .exit(let code, let reason): end = (code, reason)
        }
    }

    private func carryOut(_ outcome: ClientPort.Outcome) {
        switch outcome {
        case .sendToQEMU(let line):
            qemu?.qmp.send(line)
        case .stray(let text):
            feed(.qmp(.stray(text)))
        case .request(.status, let ticket):
            let status = setup.facts.status(of: supervisor, at: .now())
            add(clients.answer(ticket, .success(status.jsonValue.encoded())))
        case .request(.stop(let force, let timeout, let peer), let ticket):
            add(clients.answer(ticket, .success(Array("{}".utf8))))
            let reason = "drover stop (pid \(peer.pid), uid \(peer.uid))"
            feed(
                .stopRequested(
                    Supervisor.StopRequest(isForced: force, budget: timeout.map { .seconds($0) }, reason: reason)))
        case .request(.agent(let execute, let arguments, let timeout), let ticket):
            feed(
                .agentRequest(
                    AgentRequest(ticket, execute: execute, arguments: arguments, timeout: .seconds(timeout))))
        }
    }

    private func launch(_ step: LaunchStep) {
        // Closing a descriptor takes it out of the epoll set.
        qemu = nil
        viewers.forgetInput()
        do throws(Errno) {
            let qemu = try QEMUProcess(setup.launcher, step, console: setup.console, epoll: waiter.epoll, log: log)
            self.qemu = qemu
            feed(.launched(pid: qemu.pid))
        } catch {
            feed(.launchFailed(error))
        }
    }

    private func launch(_ child: Child) {
        do throws(Errno) {
            let inherited = try child.inherits.map { (kind) throws(Errno) in
                switch kind {
                case .qmp(let level): try clients.openChannel(level)
                }
            }
            feed(.childLaunched(name: child.name, pid: try children.launch(child, inherited)))
        } catch {
            feed(.childLaunchFailed(name: child.name, error))
        }
    }

    private func kill(_ pid: Int32, _ signal: Signal) {
        do throws(Errno) {
            try Linux.send(signal, to: pid)
        } catch {
            log.write(.error, "\(signal) cannot be sent to pid \(pid): \(error)")
        }
    }

    // MARK: Signals and ended processes

    private func readSignals() {
        for (signal, sender) in waiter.readSignals() {
            if SignalPolicy(for: signal) == .reap {
                reapChildren()
            } else {
                feed(.signal(signal, sender: sender))
            }
        }
    }

    /// One SIGCHLD may stand for any number of ended children.
    private func reapChildren() {
        while let (pid, status) = waiter.reap() {
            if pid == qemu?.pid { readEverythingLeft() }
            children.ended(pid)
            feed(.childEnded(pid: pid, status, lastWords: pid == qemu?.pid ? qemu?.messages.lastWords ?? [] : []))
            carryOutWork()
        }
    }

    /// What QEMU and the guest said last counts before the news that QEMU has ended.
    private func readEverythingLeft() {
        while qemu?.messages.read(reader) ?? false {}
        while readConsole() {}
        while readQMP() {}
        flushPartialLines()
    }

    // MARK: QEMU's channels

    private func qmpIsReady(_ ready: Epoll.Interest) {
        if ready.contains(.writable) { qemu?.qmp.canWrite() }
        if !ready.isDisjoint(with: [.readable, .hungUp]) { _ = readQMP() }
    }

    private func consoleIsReady(_ ready: Epoll.Interest) {
        if ready.contains(.writable) {
            qemu?.console.connection.canWrite()
            viewers.writeInput(to: qemu?.console.connection)
        }
        if !ready.isDisjoint(with: [.readable, .hungUp]) { _ = readConsole() }
    }

    /// - Returns: whether there may be more.
    private func readQMP() -> Bool {
        switch qemu?.qmp.read(reader) {
        case .received(let received):
            for item in received { take(item) }
            return true
        case .lost(let reason):
            clients.qemuIsGone()
            feed(.channelLost(reason: reason))
        case .nothing, nil:
            break
        }
        return false
    }

    private func take(_ received: QMPSession.Received) {
        switch received {
        case .greeting(_, let line):
            add(clients.greeted(by: line))
            viewers.listen()
        case .event(let event, let line):
            // What the guest wrote before a reset must not count as written after it.
            if case .reset = event { readWhatConsoleHas() }
            add(clients.event(line))
        case .reply(let reply):
            add(clients.reply(reply))
        case .answered, .refused, .stray:
            break
        }
        if let incoming = received.incoming { feed(.qmp(incoming)) }
    }

    /// - Returns: whether there may be more.
    private func readConsole() -> Bool {
        guard
            case .wrote(let bytes, let finding) = qemu?.console.read(
                reader, awaitsPattern: supervisor.awaitsReadyPattern)
        else { return false }
        viewers.guestWrote(bytes)
        if let finding { feed(.console(finding)) }
        return true
    }

    /// As much as a socket holds, and no more than a turn's worth eight times: the guest writes on meanwhile.
    private func readWhatConsoleHas() {
        for _ in 0..<8 where readConsole() { carryOutWork() }
    }

    private func readAgent() {
        let bytes = qemu?.agent?.read(reader) ?? []
        if !bytes.isEmpty { feed(.agentOutput(bytes)) }
    }

    private func flushPartialLines() {
        qemu?.messages.flush()
        if let finding = qemu?.console.flush(awaitsPattern: supervisor.awaitsReadyPattern) { feed(.console(finding)) }
    }

    // MARK: Time

    private var nextDeadline: Instant? {
        [supervisor.nextDeadline, qemu?.deadline, clients.deadline, viewers.deadline].compactMap { $0 }.min()
    }

    private func deadlineReached() {
        waiter.disarm()
        let now = Instant.now()
        if let deadline = qemu?.deadline, deadline <= now { flushPartialLines() }
        clients.deadlineReached(at: now)
        viewers.deadlineReached(at: now)
        feed(.deadline)
    }
}
