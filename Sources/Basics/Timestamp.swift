import Glibc

/// Writes times by RFC 3339: UTC.
public struct Timestamp {
    private var second: time_t?
    /// Up to the second.
    private var text: [UInt8] = []

    public init() {}

    /// A second since 1970, without a fraction.
    public static func text(ofSecond second: Int) -> String {
        var timestamp = Timestamp()
        timestamp.write(second: second)
        return String(decoding: timestamp.text, as: UTF8.self) + "Z"
    }

    /// With milliseconds.
    public mutating func append(_ time: timespec, to bytes: inout [UInt8]) {
        if time.tv_sec != second { write(second: time.tv_sec) }
        bytes += text
        bytes.append(UInt8(ascii: "."))
        bytes.append(time.tv_nsec / 1_000_000, digits: 3)
        bytes.append(UInt8(ascii: "Z"))
    }

    private mutating func write(second: time_t) {
        var (time, parts) = (second, tm())
        gmtime_r(&time, &parts)
        text.removeAll(keepingCapacity: true)
        let fields: [(Int32, digits: Int, end: Unicode.Scalar?)] = [
            (parts.tm_year + 1900, 4, "-"), (parts.tm_mon + 1, 2, "-"), (parts.tm_mday, 2, "T"),
            (parts.tm_hour, 2, ":"),
            (parts.tm_min, 2, ":"), (parts.tm_sec, 2, nil),
        ]
        for (value, digits, end) in fields {
            text.append(Int(value), digits: digits)
            if let end { text.append(UInt8(ascii: end)) }
        }
        self.second = second
    }
}

extension [UInt8] {
    /// With leading zeros.
    fileprivate mutating func append(_ value: Int, digits: Int) {
        var unit = 1
        for _ in 1..<digits { unit *= 10 }
        while unit > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / unit % 10))
            unit /= 10
        }
    }
}
