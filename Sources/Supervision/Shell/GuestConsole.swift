import Linux

/// The guest's first serial port: its lines into the log, and what they say.
final class GuestConsole {
    /// What becomes of the lines.
    struct Use {
        /// The guest's lines are written to the log.
        let inLog: Bool
        /// The text that shows that the guest is ready; nil: none does.
        let readyPattern: String?
    }

    /// How long the guest may leave a line open before what it has is shown, such as a prompt.
    static let partialLineTime = Duration.milliseconds(500)

    private let connection: Connection
    private let use: Use
    private let log: Log
    private var lines = ConsoleSanitizer()
    private(set) var deadline: Instant?

    init(_ descriptor: Descriptor, _ use: Use, epoll: Epoll, log: Log) throws(Errno) {
        self.use = use
        self.log = log
        connection = try Connection(descriptor, .qemu(.console), in: epoll)
    }

    func canWrite() {
        connection.canWrite()
    }

    /// Types `bytes` from `start` on, as far as the guest takes them.
    ///
    /// - Returns: how many it took.
    func write(_ bytes: [UInt8], from start: Int) -> Int {
        let count = connection.write(bytes, from: start)
        connection.wait(forInput: true)
        return count
    }

    enum Reading {
        /// The bytes are for the viewers, and valid until the next read; no finding: no line has ended in them.
        case wrote(UnsafeRawBufferPointer, ConsoleFinding?)
        case nothing
    }

    /// One turn's worth.
    func read(_ reader: Reader, awaited: ConsoleWatch.Awaited) -> Reading {
        switch reader.read(connection.descriptor) {
        case .bytes(let bytes):
            return .wrote(bytes, take(bytes, awaited: awaited))
        case .end:
            connection.leave()
            return .nothing
        case .nothing:
            return .nothing
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, awaited: ConsoleWatch.Awaited) -> ConsoleFinding? {
        let log = use.inLog ? log : nil
        var watch = ConsoleWatch(pattern: use.readyPattern, awaited)
        // Nothing more per line than this, and nothing of self's: the guest may write hundreds of thousands a second, and
        // each access to a class is checked.
        lines.feed(bytes) { line in
            if let news = line.news { log?.write(.console, sanitized: news) }
            watch.look(in: line.text)
        }
        deadline = lines.hasPartialLine ? .now() + Self.partialLineTime : nil
        return watch.finding
    }

    /// Shows what no line end has followed. What the line says is looked for again when there is more of it: a guest that is
    /// starved of CPU time stops in the middle of a word.
    func flush(awaited: ConsoleWatch.Awaited) -> ConsoleFinding? {
        deadline = nil
        var watch = ConsoleWatch(pattern: use.readyPattern, awaited)
        lines.flush { line in
            if use.inLog, let news = line.news { log.write(.console, sanitized: news) }
            watch.look(inUnfinished: line.text)
        }
        return watch.finding
    }
}
