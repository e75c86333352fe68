import Glibc
import Linux

func text(_ path: String) -> String {
    (try? readFile(path, limit: 1 << 16)).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// Status of a process from /proc/PID/status, as a number.
func status(_ pid: Int32, _ field: String) -> Int {
    for line in text("/proc/\(pid)/status").split(separator: "\n") where line.hasPrefix(field + ":") {
        return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
    }
    return 0
}

/// A zombie has ended, whoever is to reap it.
func isOver(_ pid: Int32) -> Bool {
    let stat = text("/proc/\(pid)/stat")
    return stat.isEmpty || stat.contains(") Z ")
}

/// The output of a process, read to its end and thrown away; returns the bytes.
func drain(_ reading: Descriptor, until phrase: String? = nil) throws -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    var tail = ""
    while true {
        let count = try buffer.withUnsafeMutableBytes { try reading.read(into: $0) }
        if count == 0 { return total }
        total += count
        if let phrase {
            tail = String((tail + String(decoding: buffer.prefix(count), as: UTF8.self)).suffix(4096))
            if tail.contains(phrase) { return total }
        }
    }
}

/// CPU time of all that this process has started and waited for, their own children included.
func childrenTime() -> Duration {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
    let microseconds = [usage.ru_utime, usage.ru_stime].map { $0.tv_sec * 1_000_000 + $0.tv_usec }
    return .microseconds(microseconds.reduce(0, +))
}
