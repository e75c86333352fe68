import Basics
import Glibc
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
    /// In bytes.
    private static let longestMessage = 1 << 14

    public init(format: Configuration.LogFormat, lowestLevel: LogLevel, capacity: Int = 1 << 20) {
        self.format = format
        self.lowestLevel = lowestLevel
        queue = LogQueue(capacity: capacity)
    }

    public var isEmpty: Bool { queue.isEmpty }

    /// Adds a message of Drover's own; line breaks and control characters in it are replaced.
    ///
    /// The audit is complete at every level.
    public func write(_ level: LogLevel, _ message: String, from source: LogSource = .drover) {
        guard level >= lowestLevel || source == .audit else { return }
        let line = render(source, level, message)
        line.withUnsafeBytes { queue.append(UnsafeRawBufferPointer(start: nil, count: 0), $0) }
    }

    /// Adds a line of the guest or of QEMU, which a `ConsoleSanitizer` has made safe.
    public func write(_ source: LogSource, sanitized line: UnsafeRawBufferPointer) {
        switch format {
        case .text:
            let prefix = source.prefix
            queue.append(UnsafeRawBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount), line)
        case .json:
            record.encoded(source, .info, line, at: Self.now()).withUnsafeBytes {
                queue.append(UnsafeRawBufferPointer(start: nil, count: 0), $0)
            }
        }
    }

    /// Hands the next bytes to `write`, which says how many it took.
    func writeChunk(_ write: (UnsafeRawBufferPointer) -> Int) {
        queue.writeChunk(
            notice: { render(.drover, .warning, "stdout was too slow; \($0) older lines are lost here") }, write)
    }

    private func render(_ source: LogSource, _ level: LogLevel, _ message: String) -> [UInt8] {
        // A record longer than a chunk of the queue would be cut in its middle.
        let message =
            message.utf8.count <= Self.longestMessage ? message : String(message.prefix(Self.longestMessage / 4))
        let isPlain = message.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        let safe =
            isPlain
            ? message : String(String.UnicodeScalarView(message.unicodeScalars.map { $0.isControl ? "?" : $0 }))
        switch format {
        case .text:
            return Array("\(source.prefix)\(level == .info ? "" : "\(level.rawValue): ")\(safe)".utf8)
        case .json:
            return Array(safe.utf8).withUnsafeBytes { record.encoded(source, level, $0, at: Self.now()) }
        }
    }

    private static func now() -> timespec {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1.
    fileprivate var isControl: Bool { value < 0x20 || (0x7f...0x9f).contains(value) }
}
