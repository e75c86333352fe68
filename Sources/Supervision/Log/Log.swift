import Basics
import Glibc
import Linux
import Machine

/// The log on its way to stdout: Drover's own messages, QEMU's, the guest's console (docs: logs).
///
/// Text lines are `source: message`, with the level in between when it is not info; JSON lines are `LogRecord`s.
public final class Log {
    private let format: Configuration.LogFormat
    /// Drover's own messages below this level are left out. QEMU's and the guest's have no level.
    private let lowestLevel: LogLevel
    private var queue: LogQueue
    private var record = LogRecord()
    private var emptyLines = EmptyLines()
    private var provoked: [ProvokedLines.Kind: ProvokedLines] = [:]
    /// In bytes.
    private static let longestMessage = 1 << 14

    public init(format: Configuration.LogFormat, lowestLevel: LogLevel, capacity: Int = 1 << 20) {
        self.format = format
        self.lowestLevel = lowestLevel
        queue = LogQueue(capacity: capacity)
    }

    /// Since the start.
    var linesLost: Int { queue.allLost }

    public var isEmpty: Bool { queue.isEmpty }

    /// When something that was left out is to be told.
    var deadline: Instant? {
        ([emptyLines.deadline] + provoked.values.map(\.deadline)).compactMap { $0 }.min()
    }

    func deadlineReached(at now: Instant) {
        if let deadline = emptyLines.deadline, deadline <= now { tellOfEmptyLines() }
        tellOfProvoked { $0.deadline.map { $0 <= now } ?? false }
    }

    /// Says what has been left out so far: there is no later.
    func tellAll() {
        tellOfEmptyLines()
        tellOfProvoked { _ in true }
    }

    /// Adds a message of Drover's own; what is not safe to show in it is replaced.
    ///
    /// The audit is shown at every level.
    public func write(_ level: LogLevel, _ message: String, from source: LogSource = .drover) {
        guard level >= lowestLevel || source == .audit else { return }
        endEmptyLines()
        append(source, level, message)
    }

    /// Adds a warning that a client has brought about, unless there were too many of its kind.
    func write(_ message: String, provoked kind: ProvokedLines.Kind, at now: Instant = .now()) {
        guard provoked[kind, default: ProvokedLines()].take(at: now) else { return }
        write(.warning, message, from: kind.source)
    }

    private func tellOfProvoked(where isDue: (ProvokedLines) -> Bool) {
        for kind in ProvokedLines.Kind.allCases {
            guard let lines = provoked[kind], isDue(lines), let count = provoked[kind]?.tell() else { continue }
            write(.warning, kind.summary(count), from: kind.source)
        }
    }

    /// Adds a line of the guest or of QEMU, which a `ConsoleSanitizer` has made safe.
    public func write(_ source: LogSource, sanitized line: UnsafeRawBufferPointer) {
        if line.isEmpty {
            guard emptyLines.take(from: source, now: Instant.now) else { return }
        } else {
            endEmptyLines()
        }
        append(source, .info, line)
    }

    /// Says how many empty lines have been left out since this was last said.
    private func tellOfEmptyLines() {
        if let (source, message) = emptyLines.tell() { append(source, .info, message) }
    }

    private func endEmptyLines() {
        tellOfEmptyLines()
        emptyLines.end()
    }

    /// Hands the next bytes to `write`, which says how many it took.
    func writeChunk(_ write: (UnsafeRawBufferPointer) -> Int) {
        queue.writeChunk(
            notice: { lost in
                withParts(.drover, .warning, "stdout was too slow; \(lost) older lines are lost here") {
                    Array($0) + Array($1) + Array($2)
                }
            }, write)
    }

    private func append(_ source: LogSource, _ level: LogLevel, _ message: String) {
        withParts(source, level, message) { queue.append($0, $1, $2) }
    }

    private func append(_ source: LogSource, _ level: LogLevel, _ message: UnsafeRawBufferPointer) {
        withParts(source, level, message) { queue.append($0, $1, $2) }
    }

    // MARK: What a line consists of

    private typealias Bytes = UnsafeRawBufferPointer

    /// Three parts, which are valid during the call only.
    private func withParts<Result>(
        _ source: LogSource, _ level: LogLevel, _ message: Bytes, _ body: (Bytes, Bytes, Bytes) -> Result
    ) -> Result {
        switch format {
        case .text: body(source.prefix.bytes, level.prefix.bytes, message)
        case .json: record.withParts(source, level, message, at: Self.now(), body)
        }
    }

    private func withParts<Result>(
        _ source: LogSource, _ level: LogLevel, _ message: String, _ body: (Bytes, Bytes, Bytes) -> Result
    ) -> Result {
        // A record longer than a chunk of the queue would be cut in its middle.
        let message =
            message.utf8.count <= Self.longestMessage ? message : String(message.prefix(Self.longestMessage / 4))
        let isPlain = message.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        let safe =
            isPlain
            ? message : String(String.UnicodeScalarView(message.unicodeScalars.map { $0.isSafeToShow ? $0 : "?" }))
        return Array(safe.utf8).withUnsafeBytes { withParts(source, level, $0, body) }
    }

    private static func now() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }
}
