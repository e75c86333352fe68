import Basics
import CLinux
import Linux
import Machine
import QMP

/// The shell around `Supervisor`: waits for descriptors, turns what they bring into events, carries actions out.
///
/// One thread; nothing blocks but the wait itself. Once `run` has started, nothing bails out: what fails is logged,
/// and the supervisor decides.
public final class EventLoop {
    /// How long the guest may leave a line open before what it has is shown, such as a prompt.
    static let partialLineTime = Duration.milliseconds(500)
    /// How long the reader of stdout may take for the last lines.
    private static let drainTime = Duration.seconds(2)
    /// Bytes read from, or written to, one descriptor before the others get their turn.
    static let turn = 1 << 16
    static let lastWordsCount = 10

    private let machine: VirtualMachine
    private let secrets: InheritedSecrets
    private let qemuPath: String
    let facts: RunFacts
    let log: Log
    let logsConsole: Bool
    var supervisor: Supervisor

    let epoll: Epoll
    private let signals: SignalDescriptor
    private let timer: TimerDescriptor
    let output: OutputSink
    /// The reader of stdout is behind; waiting until it takes more.
    var outputIsAwaited = false
    /// The reader of stdout has gone; there will be no other.
    var outputIsClosed = false
    private var armedDeadline: Instant?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: turn, alignment: 16)

    var qemu: QEMUProcess?
    var consoleLines = ConsoleSanitizer()
    let lastLine = UnsafeMutableRawBufferPointer.allocate(byteCount: ConsoleSanitizer.lineLimit, alignment: 1)
    var messageLines = ConsoleSanitizer()
    var partialLineDeadline: Instant?
    var lastWords: [String] = []
    var readyPattern: ReadyPattern?
    private var orphansReaped = 0
    private var end: (code: ExitCode, reason: String)?
    private var codeIsReleased = false

    let sockets: ControlSockets
    var server: QMPServer
    var clients: [QMPServer.ClientID: Connection] = [:]
    var console = ConsoleHub()
    var viewers: [ConsoleHub.ViewerID: Connection] = [:]
    /// What the server wants done, and whether somebody is at it.
    var waitingActions: ArraySlice<QMPServer.Action> = []
    var isCarryingOut = false
    /// When a socket that took nobody is tried again.
    var listenAgainDeadline: Instant?

    /// - Parameters:
    ///   - signals: made first thing in the process, so that no signal takes its default action.
    ///   - qemuPath: the absolute path of `qemu-system-x86_64`.
    public init(
        machine: VirtualMachine, secrets: InheritedSecrets, supervisor: Supervisor, qemuPath: String, facts: RunFacts,
        log: Log,
        logsConsole: Bool, signals: SignalDescriptor, sockets: ControlSockets, policy: QMPPolicy
    ) throws(Errno) {
        self.machine = machine
        self.secrets = secrets
        self.supervisor = supervisor
        self.qemuPath = qemuPath
        self.facts = facts
        self.log = log
        self.logsConsole = logsConsole
        self.signals = signals
        self.sockets = sockets
        server = QMPServer(policy: policy)
        if case .console(let pattern) = facts.readyCheck { readyPattern = ReadyPattern(pattern) }
        epoll = try Epoll()
        timer = try TimerDescriptor()
        output = try OutputSink()
        try epoll.add(signals.descriptor, token: Source.signals.token, .readable)
        try epoll.add(timer.descriptor, token: Source.timer.token, .readable)
    }

    deinit {
        buffer.deallocate()
        lastLine.deallocate()
    }

    /// Starts the guest and returns when the run is over, with the exit code for the container runtime.
    public func run() -> ExitCode {
        feed(.start)
        while true {
            writeToClients()
            writeToViewers()
            writeOutput()
            if let end {
                finish(end.code, end.reason)
                return end.code
            }
            armTimer()
            releaseStartupCode()
            for (token, ready) in (try? epoll.wait()) ?? [] {
                if let source = Source(token: token) { dispatch(source, ready) }
            }
        }
    }

    private func dispatch(_ source: Source, _ ready: Epoll.Interest) {
        switch source {
        case .signals: readSignals()
        case .timer: deadlineReached()
        case .output: outputIsReady()
        case .qmp: qmpIsReady(ready)
        case .console: consoleIsReady(ready)
        case .agent: readAgent()
        case .messages: _ = readMessages()
        case .qmpListener: acceptClients()
        case .consoleListener: acceptViewers()
        case .client(let client): clientIsReady(client, ready)
        case .viewer(let viewer): viewerIsReady(viewer, ready)
        }
    }

    private func finish(_ code: ExitCode, _ reason: String) {
        if orphansReaped > 0 { log.write(.debug, "reaped \(orphansReaped) orphaned processes") }
        sockets.remove()
        sockets.writeLastStop("\(RunFacts.timestamp()) exit \(code.rawValue): \(reason)")
        output.drain(log, until: .now() + Self.drainTime)
    }

    /// Starting takes code (parsing, probing, JSON) that a running guest does not need again: 5 MB less are resident.
    private func releaseStartupCode() {
        guard !codeIsReleased, supervisor.isRunning else { return }
        codeIsReleased = true
        clinux_release_code()
    }

    // MARK: Decisions

    func feed(_ event: Supervisor.Event) {
        for action in supervisor.handle(event, at: .now()) {
            switch action {
            case .launch(let step): launch(step)
            case .send(let command): qemu?.send(command)
            case .kill(let pid, let signal): kill(pid, signal)
            case .sendToAgent(let bytes, let isProbe): sendToAgent(bytes, isProbe: isProbe)
            case .answer(let ticket, let answer): carryOut(server.answer(ticket, answer))
            case .log(let level, let message): log.write(level, message)
            case .exit(let code, let reason): end = (code, reason)
            }
        }
    }

    private func launch(_ step: LaunchStep) {
        forgetQEMU()
        lastWords = []
        console.forgetInput()
        do throws(Errno) {
            let qemu = try QEMUProcess(qemuPath, machine, step, secrets, in: epoll)
            self.qemu = qemu
            feed(.launched(pid: qemu.pid))
        } catch {
            feed(.launchFailed(error))
        }
    }

    private func kill(_ pid: Int32, _ signal: Signal) {
        do throws(Errno) {
            try Linux.send(signal, to: pid)
        } catch {
            log.write(.error, "\(signal) cannot be sent to pid \(pid): \(error)")
        }
    }

    // MARK: Signals and children

    private func readSignals() {
        for (signal, sender) in (try? signals.read()) ?? [] {
            if SignalPolicy(for: signal) == .reap {
                reapChildren()
            } else {
                feed(.signal(signal, sender: sender))
            }
        }
    }

    /// One SIGCHLD may stand for any number of ended children.
    private func reapChildren() {
        while let (pid, status) = (try? reapChild()) ?? nil {
            if pid == qemu?.pid {
                readEverythingLeft()
                feed(.childEnded(pid: pid, status, lastWords: lastWords))
            } else {
                orphansReaped += 1
            }
        }
    }

    /// What QEMU and the guest said last counts before the news that QEMU has ended.
    private func readEverythingLeft() {
        while readMessages() {}
        while readConsole() {}
        while readQMP() {}
        flushPartialLines()
    }

    private func forgetQEMU() {
        // Closing a descriptor takes it out of the epoll set.
        qemu = nil
    }

    // MARK: Reading

    enum Reading {
        case bytes(UnsafeRawBufferPointer)
        case end(reason: String)
        case nothing
    }

    /// One turn's worth; the bytes are valid until the next call.
    func read(_ descriptor: Descriptor) -> Reading {
        do throws(Errno) {
            let count = try descriptor.read(into: buffer)
            return count > 0 ? .bytes(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : .end(reason: "closed")
        } catch {
            return error == .wouldBlock ? .nothing : .end(reason: "\(error)")
        }
    }

    // MARK: Time

    private func armTimer() {
        let deadline = [supervisor.nextDeadline, partialLineDeadline, listenAgainDeadline].compactMap { $0 }.min()
        guard deadline != armedDeadline else { return }
        armedDeadline = deadline
        do throws(Errno) {
            try timer.arm(at: deadline)
        } catch {
            log.write(.error, "the timer cannot be set: \(error)")
        }
    }

    private func deadlineReached() {
        armedDeadline = nil
        try? timer.arm(at: nil)
        if let partialLineDeadline, partialLineDeadline <= .now() { flushPartialLines() }
        if let listenAgainDeadline, listenAgainDeadline <= .now() {
            self.listenAgainDeadline = nil
            listenForClients()
        }
        feed(.deadline)
    }
}
