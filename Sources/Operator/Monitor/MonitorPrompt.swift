import Linux
import QMP

/// `drover monitor` at a terminal: a prompt with history and completion; events appear above it.
public final class MonitorPrompt {
    public enum End: Equatable, Sendable {
        /// Ctrl-D, or the terminal has gone.
        case left
        case signal(Signal)
    }

    private let client: QMPClient
    private let language: MonitorLanguage
    private let input: StandardStream
    private let output: StandardStream
    private let signals: SignalDescriptor
    private var editor = LineEditor()
    private var keys = KeyDecoder()
    /// Answers that are still to come.
    private var outstanding = 0
    /// The prompt is away until they have come.
    private var isWaiting = false
    /// Bytes that wait for an answer before they are looked at, at the most.
    private static let typedAheadLimit = 64 << 10
    /// Typed meanwhile.
    private var typedAhead: [UInt8] = []
    private var hasNames = false

    public init(
        _ client: QMPClient, isQMP: Bool, input: StandardStream, output: StandardStream, signals: SignalDescriptor
    ) {
        self.client = client
        self.input = input
        self.output = output
        self.signals = signals
        language = isQMP ? .qmp : .hmp
        client.onEvent = { [unowned self] in showAbove(language.event($0)) }
    }

    public func run() throws(ClientFailure) -> End {
        let terminal = try TerminalSession(input.descriptor) { $0.keyByKey }
        defer { terminal.restore() }
        redraw()
        do throws(ClientFailure) {
            while true {
                if let end = try turn(terminal) {
                    write("\n")
                    return end
                }
            }
        } catch {
            write("\r\u{1B}[K")
            throw error
        }
    }

    private func turn(_ terminal: TerminalSession) throws(ClientFailure) -> End? {
        while let reply = try client.nextReceived() { show(reply) }
        if !isWaiting, !typedAhead.isEmpty {
            let bytes = typedAhead
            typedAhead = []
            return try take(bytes)
        }
        do throws(Errno) {
            let ready = try poll(
                [signals.descriptor, input.descriptor, client.connection].map { PollRequest($0, readable: true) },
                until: nil)
            if ready[0].isReadable {
                for (signal, _) in try signals.read() {
                    if signal.endsSession { return .signal(signal) }
                    if signal == .continue { terminal.resume() }
                    redraw()
                }
            }
            guard ready[1].isReadable else { return nil }
        } catch {
            throw ClientFailure(.broken, "the terminal cannot be waited for: \(error)")
        }
        var buffer = [UInt8](repeating: 0, count: 4096)
        do throws(Errno) {
            let count = try input.descriptor.read(into: &buffer)
            if count == 0 { return .left }
            buffer.removeSubrange(count...)
        } catch .wouldBlock {
            return nil
        } catch {
            return .left
        }
        return try take(buffer)
    }

    // MARK: Keys

    private func take(_ bytes: [UInt8]) throws(ClientFailure) -> End? {
        // What is pasted is shown at once, not letter by letter.
        var isShown = true
        for (index, byte) in bytes.enumerated() {
            if isWaiting {
                typedWhileWaiting(bytes[index...])
                return nil
            }
            guard let key = keys.feed(byte) else { continue }
            if case .text = key {
                if editor.handle(key) == .changed { isShown = false }
                continue
            }
            if !isShown { redraw() }
            isShown = true
            if key == .tab { fetchNames() }
            switch editor.handle(key) {
            case .changed: redraw()
            case .refused: write("\u{7}")
            case .cancelled: newPrompt(after: "^C\n")
            case .left: return .left
            case .choices(let names):
                newPrompt(after: "\n" + Self.columns(names, output.descriptor.terminalColumns ?? 80))
            case .submitted(let line): try submit(line)
            }
        }
        if !isShown { redraw() }
        return nil
    }

    /// Ctrl-C stops the waiting, not the command.
    private func typedWhileWaiting(_ bytes: ArraySlice<UInt8>) {
        guard let cancel = bytes.lastIndex(of: 0x03) else {
            typedAhead += bytes.prefix(max(Self.typedAheadLimit - typedAhead.count, 0))
            return
        }
        typedAhead = Array(bytes[(cancel + 1)...])
        isWaiting = false
        newPrompt(after: "^C: the command goes on; its answer is shown when it comes\n")
    }

    private func submit(_ line: String) throws(ClientFailure) {
        write("\n")
        let command: [UInt8]?
        do throws(ClientFailure) {
            command = try language.command(line)
        } catch {
            newPrompt(after: "\(error)\n")
            return
        }
        guard let command else {
            redraw()
            return
        }
        try client.send(command, .now() + .seconds(10))
        outstanding += 1
        isWaiting = true
    }

    // MARK: Completion

    /// When Tab is pressed first: somebody who never does is spared the questions, and the log their audit. Where they
    /// are not answered, nothing is completed.
    private func fetchNames() {
        guard !hasNames, outstanding == 0 else { return }
        hasNames = true
        let names = (try? names(until: .now() + .seconds(5))) ?? []
        editor.names = Set(names.map { terminalLine($0) }).sorted()
    }

    private func names(until deadline: Instant) throws(ClientFailure) -> [String] {
        if language == .qmp {
            let commands = try client.execute(QMPCommand("query-commands"), until: deadline).result?.elements ?? []
            return commands.compactMap { $0["name"]?.text } + MonitorLanguage.ownCommands
        }
        func output(_ line: String) throws(ClientFailure) -> String {
            try client.execute(MonitorLanguage.human(line), until: deadline).result?.text ?? ""
        }
        let (commands, topics) = (try output("help"), try output("help info"))
        return HMPText.names(inHelp: commands) + HMPText.names(inHelp: topics, prefix: "info ")
    }

    static func columns(_ names: [String], _ width: Int) -> String {
        let column = (names.map(\.count).max() ?? 0) + 2
        let perLine = max(width / column, 1)
        var text = ""
        for (index, name) in names.enumerated() {
            let isLast = index % perLine == perLine - 1 || index == names.count - 1
            text += name + (isLast ? "\n" : String(repeating: " ", count: column - name.count))
        }
        return text
    }

    // MARK: Display

    private func show(_ reply: ClientMessage) {
        switch reply.kind {
        case .greeting: return
        case .event:
            showAbove(language.event(reply))
            return
        case .success, .failure: break
        }
        outstanding = max(outstanding - 1, 0)
        if isWaiting, outstanding == 0 {
            isWaiting = false
            newPrompt(after: language.answer(reply).text)
        } else {
            showAbove(language.answer(reply).text)
        }
    }

    private func showAbove(_ text: String) {
        write("\r\u{1B}[K" + text)
        redraw()
    }

    private func newPrompt(after text: String) {
        write(text)
        redraw()
    }

    private func redraw() {
        if isWaiting { return }
        write(editor.display(prompt: language.prompt, columns: output.descriptor.terminalColumns ?? 80))
    }

    /// A terminal that takes nothing has gone, and its input tells.
    private func write(_ text: String) {
        _ = output.write(text)
    }
}
