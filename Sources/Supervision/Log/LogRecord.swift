import Basics
import FoundationEssentials
import Glibc
import Machine

/// Who wrote a line of the log.
public enum LogSource: String, Encodable, Sendable {
    case drover, qemu, console
    /// What operators had QEMU do.
    case audit

    /// What a text line begins with. Every line of the guest has it, so none can pass for one of ours.
    var prefix: StaticString {
        switch self {
        case .drover: "drover: "
        case .qemu: "qemu: "
        case .console: "console: "
        case .audit: "audit: "
        }
    }
}

/// A line of the log as JSON: one object, keys in alphabetical order.
struct LogRecord: Encodable {
    let level: String
    let message: String
    let source: LogSource
    /// RFC 3339, UTC, milliseconds.
    let time: String

    init(_ source: LogSource, _ level: LogLevel, _ message: String, at time: timespec) {
        self.level = level.rawValue
        self.message = message
        self.source = source
        self.time = Self.format(time)
    }

    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Four strings cannot fail to encode.
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    static func format(_ time: timespec) -> String {
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date =
            "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(Int(parts.tm_mon) + 1, 2))-\(padded(Int(parts.tm_mday), 2))"
        let clock = "\(padded(Int(parts.tm_hour), 2)):\(padded(Int(parts.tm_min), 2)):\(padded(Int(parts.tm_sec), 2))"
        return "\(date)T\(clock).\(padded(time.tv_nsec / 1_000_000, 3))Z"
    }
}
