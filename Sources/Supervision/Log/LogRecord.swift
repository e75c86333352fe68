import Basics
import Glibc
import JSON

/// Writes lines of the log as JSON: one object each, keys in alphabetical order. A flood of the guest's console comes through
/// here: storage is kept, and the calendar asked once a second.
struct LogRecord {
    private var line: [UInt8] = []
    private var timestamp = Timestamp()

    /// - Parameter message: UTF-8.
    mutating func encoded(
        _ source: LogSource, _ level: LogLevel, _ message: UnsafeRawBufferPointer, at time: timespec
    ) -> [UInt8] {
        line.removeAll(keepingCapacity: true)
        line += #"{"level":""#.utf8
        line += level.rawValue.utf8
        line += #"","message":"#.utf8
        line.append(jsonString: message)
        line += #","source":""#.utf8
        line += source.rawValue.utf8
        line += #"","time":""#.utf8
        timestamp.append(time, to: &line)
        line += #""}"#.utf8
        return line
    }

    static func format(_ time: timespec) -> String {
        var (text, timestamp) = ([UInt8](), Timestamp())
        timestamp.append(time, to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
