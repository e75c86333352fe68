import Basics
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
    private var supervisor: Supervisor
    private let setup: RunSetup
    private let log: Log
    private let waiter: Waiter
    private let reader: Reader
    private let output: LogOutput
    private let clients: ClientPort
    private let viewers: ConsolePort
    private let children: ChildProcesses
    private let qemu: QEMUHost
    /// One after the other: what a piece of work leads to comes behind what was there before.
    private var work: [Work] = []
    private var end: (code: ExitCode, reason: String)?

    /// - Parameter signals: made first thing in the process, so that no signal takes its default action.
    public init(_ setup: RunSetup, supervisor: Supervisor, log: Log, signals: SignalDescriptor) throws(Errno) {
        self.supervisor = supervisor
        self.setup = setup
        self.log = log
        reader = try Reader()
        waiter = try Waiter(signals)
        let epoll = waiter.epoll
        output = try LogOutput(log, epoll: epoll)
        clients = ClientPort(setup.sockets.qmp, policy: setup.policy, epoll: epoll, reader: reader, log: log)
        viewers = ConsolePort(setup.sockets, epoll: epoll, reader: reader, log: log)
        children = ChildProcesses(epoll: epoll, reader: reader, log: log)
        qemu = QEMUHost(setup, epoll: epoll, reader: reader, log: log, clients: clients, viewers: viewers)
    }

    /// Starts the guest and returns when the run is over, with the exit code for the container runtime.
    public func run() -> ExitCode {
        feed(.start)
        carryOutWork()
        while true {
            writeToClients()
            qemu.flush()
            viewers.writeOutput()
            output.write()
            if let end {
                finish(end.code, end.reason)
                return end.code
            }
            waitOnce()
        }
    }

    /// What a client has read may let its next command be carried out, whose answer is to be written too.
    private func writeToClients() {
        var hasMore = true
        while hasMore {
            add(clients.writeOutput())
            hasMore = !work.isEmpty
            carryOutWork()
        }
    }

    private func waitOnce() {
        // Whatever came, it has been taken, and lies where it may have to wait for its turn.
        reader.wipe()
        lockHeap()
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
        let sources =
            QEMUHost.Channel.allCases.map { .qemu($0) } + clients.sources + viewers.sources + children.sources + [
                .output, .signals,
            ]
        for source in sources {
            dispatch(source, [.readable, .writable])
            carryOutWork()
        }
        reapChildren()
        if let deadline, deadline <= .now() { deadlineReached() }
        carryOutWork()
    }

    private func dispatch(_ source: Source, _ ready: Epoll.Interest) {
        qemu.awaitedOnConsole = supervisor.awaitedOnConsole
        switch source {
        case .signals: readSignals()
        case .timer: deadlineReached()
        case .output: output.isReady()
        case .qemu(let channel): work += qemu.isReady(channel, ready)
        case .qmpListener: add(clients.accept())
        case .consoleListener, .screenConsoleListener: viewers.accept(at: source)
        case .client(let client): add(clients.isReady(client, ready))
        case .viewer(let viewer):
            viewers.isReady(viewer, ready)
            qemu.takeInput()
        case .child(let child): children.isReady(child)
        }
    }

    private func finish(_ code: ExitCode, _ reason: String) {
        if supervisor.orphansReaped > 0 {
            log.write(.debug, "reaped \(supervisor.orphansReaped) orphaned processes")
        }
        if setup.throwsDisksAway {
            log.write(.warning, "QEMU_SNAPSHOT: what the guest has written to its disks in this run is thrown away")
        }
        setup.sockets.remove()
        setup.facts.lastStop.write("\(RunFacts.timestamp()) exit \(code.rawValue): \(reason)")
        clients.tell(DroverEnd(exit: Int(code.rawValue), reason: reason))
        output.finish()
        clients.waitForFarewells(until: .now() + .seconds(1))
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
            case .qemuIsGone(let reason):
                add(clients.qemuIsGone())
                feed(.channelLost(reason: reason))
            }
            next += 1
        }
        work.removeAll(keepingCapacity: true)
    }

    private func carryOut(_ action: Supervisor.Action) {
        switch action {
        case .launch(let step):
            // Those of a run without QEMU.
            add(clients.qemuIsGone())
            feed(qemu.launch(step))
        case .serveWithoutQEMU:
            qemu.forget()
            add(clients.serveWithoutQEMU())
        case .launchChild(let child): launch(child)
        case .tell(let child, let line): add(clients.tell(child: child, line))
        case .send(let command): qemu.send(command)
        case .kill(let pid, let signal): kill(pid, signal)
        case .sendToAgent(let bytes, let port, let isProbe): qemu.sendToAgent(bytes, on: port, isProbe: isProbe)
        case .lookWhoReadsSerial: if !qemu.serialIsRead { feed(.nobodyReadsSerial) }
        case .answer(let ticket, let answer): add(clients.answer(ticket, answer))
        case .log(let level, let message): log.write(level, message)
        case .exit(let code, let reason): end = (code, reason)
        }
    }

    private func carryOut(_ outcome: ClientPort.Outcome) {
        switch outcome {
        case .sendToQEMU(let line, let route):
            qemu.send(line, by: route)
        case .stray(let text):
            feed(.qmp(.stray(text)))
        case .loadFailed(let reason):
            feed(.revertFailed(reason: reason))
        case .request(.status, let ticket):
            var counters = setup.facts.counters(of: supervisor)
            (counters.clients, counters.commands) = (clients.count, clients.commands)
            (counters.consoleBytesIn, counters.consoleBytesOut) = qemu.consoleBytes
            counters.logLinesLost = log.linesLost
            let status = setup.facts.status(of: supervisor, counters, at: .now())
            add(clients.answer(ticket, .success(status.jsonValue.encoded())))
        case .request(.backup(let kind), let ticket):
            feed(.backupOrdered(kind, ticket))
        case .request(.backupStatus, let ticket):
            feed(.backupStatusAsked(ticket))
        case .request(.backupReport(let report), let ticket):
            feed(.backupReported(report, ticket))
        case .request(.screen(let cursor), let ticket):
            feed(.screenAsked(ticket, cursor: cursor))
        case .request(.stop(let force, let timeout, let peer), let ticket):
            add(clients.answer(ticket, .success("{}")))
            let reason = "drover stop (pid \(peer.pid), uid \(peer.uid))"
            feed(
                .stopRequested(
                    Supervisor.StopRequest(isForced: force, budget: timeout.map { .seconds($0) }, reason: reason)))
        case .request(.start(let peer), let ticket):
            feed(.startRequested(ticket, reason: "drover start (pid \(peer.pid), uid \(peer.uid))"))
        case .request(.refreshShare(let number, let peer), let ticket):
            do throws(OfferedCD.Refusal) {
                let path = try OfferedCD.take(number, of: peer, for: setup.launcher)
                feed(.shareOffered(path: path, ticket))
            } catch {
                add(clients.answer(ticket, .failure(desc: error.reason)))
            }
        case .request(.agent(let execute, let arguments, let timeout), let ticket):
            feed(
                .agentRequest(
                    AgentRequest(ticket, execute: execute, arguments: arguments, timeout: .seconds(timeout))))
        }
    }

    private func launch(_ child: Child) {
        do throws(Errno) {
            let channels = try child.inherits.map { (kind) throws(Errno) in
                switch kind {
                case .qmp(let level, let events):
                    try clients.openChannel(level, hearsEvents: events, for: child.name)
                }
            }
            feed(.childLaunched(name: child.name, pid: try children.launch(child, channels)))
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
        var ended: [(pid: Int32, status: WaitStatus)] = []
        while let process = waiter.reap() { ended.append(process) }
        // QEMU's end may be that of the run, after which nothing counts.
        for process in ended where process.pid != qemu.pid { hasEnded(process.pid, process.status) }
        for process in ended where process.pid == qemu.pid { hasEnded(process.pid, process.status) }
    }

    private func hasEnded(_ pid: Int32, _ status: WaitStatus) {
        for channel in children.ended(pid) { add(clients.closeChannel(channel)) }
        let (last, lastWords) = qemu.ended(pid)
        work += last
        feed(.processEnded(pid: pid, status, lastWords: lastWords))
        carryOutWork()
    }

    // MARK: Time

    private var nextDeadline: Instant? {
        [supervisor.nextDeadline, qemu.deadline, clients.deadline, viewers.deadline, log.deadline]
            .compactMap { $0 }.min()
    }

    private func deadlineReached() {
        waiter.disarm()
        let now = Instant.now()
        work += qemu.deadlineReached(at: now)
        add(clients.deadlineReached(at: now))
        viewers.deadlineReached(at: now)
        log.deadlineReached(at: now)
        feed(.deadline)
    }
}
