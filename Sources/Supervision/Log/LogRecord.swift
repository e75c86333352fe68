import Basics
import Glibc
import JSON
import Linux

/// Lines of the log as JSON: one object each, keys in alphabetical order.
///
/// A flood of the guest's console comes through here. A line costs a look at its bytes and no more: what stands around the
/// message is kept from one line to the next, and the calendar is asked once a second.
struct LogRecord {
    /// The message where it had to be written otherwise; a copy each time would not do.
    private var escaped: [UInt8] = []
    private var tail = Tail()

    /// Hands over the record's three parts, valid during the call only.
    ///
    /// - Parameter message: UTF-8.
    mutating func withParts<Result>(
        _ source: LogSource, _ level: LogLevel, _ message: UnsafeRawBufferPointer, at time: timespec,
        _ body: (_ head: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer, _ tail: UnsafeRawBufferPointer) ->
            Result
    ) -> Result {
        tail.update(source, time)
        let head = level.recordHead.bytes
        return tail.bytes.withUnsafeBytes { tail in
            guard !message.standsForItselfInJSON else { return body(head, message, tail) }
            escaped.removeAll(keepingCapacity: true)
            escaped.append(jsonEscaped: message)
            return escaped.withUnsafeBytes { body(head, $0, tail) }
        }
    }

    static func format(_ time: timespec) -> String {
        var (text, timestamp) = ([UInt8](), Timestamp())
        timestamp.append(time, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// What comes after the message. It is another one every millisecond at the most.
    private struct Tail {
        private(set) var bytes: [UInt8] = []
        private var timestamp = Timestamp()
        private var written: (source: LogSource, second: time_t, millisecond: Int)?

        mutating func update(_ source: LogSource, _ time: timespec) {
            let wanted = (source: source, second: time.tv_sec, millisecond: time.tv_nsec / 1_000_000)
            if let written, written == wanted { return }
            written = wanted
            bytes.removeAll(keepingCapacity: true)
            bytes += #"","source":""#.utf8
            bytes += source.rawValue.utf8
            bytes += #"","time":""#.utf8
            timestamp.append(time, to: &bytes)
            bytes += #""}"#.utf8
        }
    }
}

extension LogLevel {
    /// What comes before the message.
    fileprivate var recordHead: StaticString {
        switch self {
        case .debug: #"{"level":"debug","message":""#
        case .info: #"{"level":"info","message":""#
        case .warning: #"{"level":"warning","message":""#
        case .error: #"{"level":"error","message":""#
        }
    }
}
