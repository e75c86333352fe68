import Linux

/// The guest's first serial port: its lines into the log, and what they say.
final class GuestConsole {
    /// What becomes of the lines.
    public struct Shown {
        /// The guest's lines are written to the log.
        let inLog: Bool
        /// The text that shows that the guest is ready; nil: none does.
        let readyPattern: String?
    }

    /// How long the guest may leave a line open before what it has is shown, such as a prompt.
    static let partialLineTime = Duration.milliseconds(500)

    let connection: Connection
    private let shown: Shown
    private let log: Log
    private var lines = ConsoleSanitizer()
    private let lastLine = UnsafeMutableRawBufferPointer.allocate(byteCount: ConsoleSanitizer.lineLimit, alignment: 1)
    private(set) var deadline: Instant?

    init(_ descriptor: Descriptor, _ shown: Shown, epoll: Epoll, log: Log) throws(Errno) {
        self.shown = shown
        self.log = log
        connection = try Connection(descriptor, .console, in: epoll)
    }

    deinit {
        lastLine.deallocate()
    }

    enum Reading {
        /// The bytes are for the viewers, and valid until the next read; no finding: no line has ended in them.
        case wrote(UnsafeRawBufferPointer, ConsoleFinding?)
        case nothing
    }

    /// One turn's worth.
    func read(_ reader: Reader, awaitsPattern: Bool) -> Reading {
        switch reader.read(connection.descriptor) {
        case .bytes(let bytes):
            return .wrote(bytes, take(bytes, awaitsPattern: awaitsPattern))
        case .end:
            connection.leave()
            return .nothing
        case .nothing:
            return .nothing
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer, awaitsPattern: Bool) -> ConsoleFinding? {
        let log = shown.inLog ? log : nil
        let lastLine = lastLine
        var watch = ConsoleWatch(pattern: shown.readyPattern, isAwaited: awaitsPattern)
        var length: Int?
        // Nothing more per line than this, and nothing of self's: the guest may write hundreds of thousands a second, and
        // each access to a class is checked.
        lines.feed(bytes) { line in
            log?.write(.console, sanitized: line)
            watch.look(in: line)
            lastLine.copyMemory(from: line)
            length = line.count
        }
        deadline = lines.hasPartialLine ? .now() + Self.partialLineTime : nil
        return length.map { watch.finding(lastLine: UnsafeRawBufferPointer(rebasing: lastLine[..<$0])) }
    }

    /// Shows what no line end has followed.
    func flush(awaitsPattern: Bool) -> ConsoleFinding? {
        deadline = nil
        var watch = ConsoleWatch(pattern: shown.readyPattern, isAwaited: awaitsPattern)
        var finding: ConsoleFinding?
        lines.flush { line in
            if shown.inLog { log.write(.console, sanitized: line) }
            watch.look(in: line)
            finding = watch.finding(lastLine: line)
        }
        return finding
    }
}
