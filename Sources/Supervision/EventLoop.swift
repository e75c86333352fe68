import CLinux
import Linux
import Machine
import QMP

/// The shell around `Supervisor`: waits for descriptors, turns what they bring into events, carries actions out.
///
/// One thread; nothing blocks but the wait itself. Once `run` has started, nothing bails out: what fails is logged,
/// and the supervisor decides.
public final class EventLoop {
    private enum Source: UInt64 {
        case signals, timer, output, qmp, console, agent, messages
    }

    /// How long the guest may leave a line open before what it has is shown, such as a prompt.
    private static let partialLineTime = Duration.milliseconds(500)
    /// How long the reader of stdout may take for the last lines.
    private static let drainTime = Duration.seconds(2)
    /// Bytes read from, or written to, one descriptor before the others get their turn.
    private static let turn = 1 << 16
    private static let lastWordsCount = 10

    private let machine: Machine
    private let secrets: InheritedSecrets
    private let qemuPath: String
    private let log: Log
    private let logsConsole: Bool
    private var supervisor: Supervisor

    private let epoll: Epoll
    private let signals: SignalDescriptor
    private let timer: TimerDescriptor
    private let output: OutputSink
    /// The reader of stdout is behind; waiting until it takes more.
    private var outputIsAwaited = false
    /// The reader of stdout has gone; there will be no other.
    private var outputIsClosed = false
    private var armedDeadline: Instant?
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: turn, alignment: 16)

    private var qemu: QEMUProcess?
    private var consoleLines = ConsoleSanitizer()
    private let lastLine = UnsafeMutableRawBufferPointer.allocate(byteCount: ConsoleSanitizer.lineLimit, alignment: 1)
    private var messageLines = ConsoleSanitizer()
    private var partialLineDeadline: Instant?
    private var lastWords: [String] = []
    private var orphansReaped = 0
    private var exitCode: ExitCode?
    private var codeIsReleased = false

    /// - Parameters:
    ///   - signals: made first thing in the process, so that no signal takes its default action.
    ///   - qemuPath: the absolute path of `qemu-system-x86_64`.
    public init(
        machine: Machine, secrets: InheritedSecrets, supervisor: Supervisor, qemuPath: String, log: Log,
        logsConsole: Bool,
        signals: SignalDescriptor
    ) throws(Errno) {
        self.machine = machine
        self.secrets = secrets
        self.supervisor = supervisor
        self.qemuPath = qemuPath
        self.log = log
        self.logsConsole = logsConsole
        self.signals = signals
        epoll = try Epoll()
        timer = try TimerDescriptor()
        output = try OutputSink()
        try epoll.add(signals.descriptor, token: Source.signals.rawValue, .readable)
        try epoll.add(timer.descriptor, token: Source.timer.rawValue, .readable)
    }

    deinit {
        buffer.deallocate()
        lastLine.deallocate()
    }

    /// Starts the guest and returns when the run is over, with the exit code for the container runtime.
    public func run() -> ExitCode {
        feed(.start)
        while true {
            writeOutput()
            if let exitCode {
                finish()
                return exitCode
            }
            armTimer()
            releaseStartupCode()
            for (token, _) in (try? epoll.wait()) ?? [] {
                if let source = Source(rawValue: token) { dispatch(source) }
            }
        }
    }

    private func dispatch(_ source: Source) {
        switch source {
        case .signals: readSignals()
        case .timer: deadlineReached()
        case .output: outputIsReady()
        case .qmp: _ = readQMP()
        case .console: _ = readConsole()
        case .agent: readAgent()
        case .messages: _ = readMessages()
        }
    }

    private func finish() {
        if orphansReaped > 0 { log.write(.debug, "reaped \(orphansReaped) orphaned processes") }
        output.drain(log, until: .now() + Self.drainTime)
    }

    /// Starting takes code (parsing, probing, JSON) that a running guest does not need again: 5 MB less are resident.
    private func releaseStartupCode() {
        guard !codeIsReleased, supervisor.nextDeadline == nil else { return }
        codeIsReleased = true
        clinux_release_code()
    }

    // MARK: Decisions

    private func feed(_ event: Supervisor.Event) {
        for action in supervisor.handle(event, at: .now()) {
            switch action {
            case .launch(let step): launch(step)
            case .send(let command): send(command)
            case .kill(let pid, let signal): kill(pid, signal)
            case .log(let level, let message): log.write(level, message)
            case .exit(let code): exitCode = code
            }
        }
    }

    private func launch(_ step: LaunchStep) {
        forgetQEMU()
        lastWords = []
        do throws(Errno) {
            let qemu = try QEMUProcess(qemuPath, machine, step, secrets)
            self.qemu = qemu
            try epoll.add(qemu.qmp, token: Source.qmp.rawValue, .readable)
            try epoll.add(qemu.console, token: Source.console.rawValue, .readable)
            try epoll.add(qemu.messages, token: Source.messages.rawValue, .readable)
            if let agent = qemu.agent { try epoll.add(agent, token: Source.agent.rawValue, .readable) }
            feed(.launched(pid: qemu.pid))
        } catch {
            feed(.launchFailed(error))
        }
    }

    private func send(_ command: QMPCommand) {
        do throws(Errno) {
            try qemu?.send(command)
        } catch {
            feed(.channelLost(reason: "\(command.rawValue) cannot be sent: \(error)"))
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

    // MARK: QEMU's channels; readers return whether there may be more

    private func readQMP() -> Bool {
        guard let qemu else { return false }
        switch read(qemu.qmp) {
        case .bytes(let bytes):
            do throws(QMPFramer.LineTooLong) {
                for incoming in try qemu.session.receive(bytes) { feed(.qmp(incoming)) }
                return true
            } catch {
                try? epoll.remove(qemu.qmp)
                feed(.channelLost(reason: "a line is longer than \(error.limit) bytes"))
            }
        case .end(let reason):
            try? epoll.remove(qemu.qmp)
            feed(.channelLost(reason: reason))
        case .nothing:
            break
        }
        return false
    }

    private func readConsole() -> Bool {
        guard let qemu else { return false }
        switch read(qemu.console) {
        case .bytes(let bytes):
            let log = logsConsole ? log : nil
            let lastLine = lastLine
            var length: Int?
            // Nothing more per line than this: the guest may write hundreds of thousands a second.
            consoleLines.feed(bytes) { line in
                log?.write(.console, sanitized: line)
                lastLine.copyMemory(from: line)
                length = line.count
            }
            if let length { judge(lastLine: UnsafeRawBufferPointer(rebasing: lastLine[..<length])) }
            partialLineDeadline = consoleLines.hasPartialLine ? .now() + Self.partialLineTime : nil
            return true
        case .end:
            try? epoll.remove(qemu.console)
            return false
        case .nothing:
            return false
        }
    }

    /// A guest that says it has halted says nothing after that.
    private func judge(lastLine line: UnsafeRawBufferPointer) {
        feed(HaltPhrase.isIn(line) ? .guestHalted(line: String(decoding: line, as: UTF8.self)) : .consoleOutput)
    }

    /// Nobody speaks the agent's protocol yet; a port that is not read would stop the guest's writer.
    private func readAgent() {
        if let agent = qemu?.agent, case .end = read(agent) { try? epoll.remove(agent) }
    }

    private func readMessages() -> Bool {
        guard let qemu else { return false }
        switch read(qemu.messages) {
        case .bytes(let bytes):
            messageLines.feed(bytes) { takeMessage($0) }
            return true
        case .end:
            try? epoll.remove(qemu.messages)
            return false
        case .nothing:
            return false
        }
    }

    private func takeMessage(_ line: UnsafeRawBufferPointer) {
        log.write(.qemu, sanitized: line)
        if lastWords.count == Self.lastWordsCount { lastWords.removeFirst() }
        lastWords.append(String(decoding: line, as: UTF8.self))
    }

    private enum Reading {
        case bytes(UnsafeRawBufferPointer)
        case end(reason: String)
        case nothing
    }

    private func read(_ descriptor: Descriptor) -> Reading {
        do throws(Errno) {
            let count = try descriptor.read(into: buffer)
            return count > 0 ? .bytes(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : .end(reason: "closed")
        } catch {
            return error == .wouldBlock ? .nothing : .end(reason: "\(error)")
        }
    }

    // MARK: Time

    private func armTimer() {
        let deadline = [supervisor.nextDeadline, partialLineDeadline].compactMap { $0 }.min()
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
        feed(.deadline)
    }

    private func flushPartialLines() {
        partialLineDeadline = nil
        messageLines.flush { takeMessage($0) }
        consoleLines.flush { line in
            if logsConsole { log.write(.console, sanitized: line) }
            judge(lastLine: line)
        }
    }

    // MARK: Output

    private func writeOutput() {
        guard !outputIsAwaited, !outputIsClosed else { return }
        switch output.write(from: log, limit: output.isAlwaysReady ? .max : Self.turn) {
        case .drained: break
        case .closed: outputIsClosed = true
        case .full: awaitOutput()
        }
    }

    /// The descriptor is in the epoll set only while it is waited for: one without a reader is always reported.
    private func awaitOutput() {
        do throws(Errno) {
            try epoll.add(output.descriptor, token: Source.output.rawValue, .writable)
            outputIsAwaited = true
        } catch {
            outputIsClosed = true
        }
    }

    private func outputIsReady() {
        outputIsAwaited = false
        try? epoll.remove(output.descriptor)
    }
}
