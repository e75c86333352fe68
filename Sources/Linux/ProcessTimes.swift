import Glibc

/// What /proc says of a process or a thread (proc(5), `stat`).
public struct ProcessTimes: Equatable, Sendable {
    /// In seconds.
    public let user: Double
    public let system: Double
    /// In bytes.
    public let resident: Int64

    private static let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    private static let page = Int64(sysconf(Int32(_SC_PAGESIZE)))

    /// - Parameter thread: nil: all of the process.
    /// - Returns: nil when it is gone.
    public init?(of pid: Int32, thread: Int32? = nil, in files: KeptFiles = KeptFiles()) {
        let path = thread.map { "/proc/\(pid)/task/\($0)/stat" } ?? "/proc/\(pid)/stat"
        guard let text = files.read(path, limit: 2048) else { return nil }
        self.init(text)
    }

    /// The name may hold anything; what follows its last bracket is numbers but for the state.
    init?(_ text: [UInt8]) {
        guard let bracket = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = text[bracket...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        // The bracket is field 2 there, so utime (14), stime (15) and rss (24) are:
        guard fields.count > 22, let user = Double(fields[12]), let system = Double(fields[13]),
            let pages = Int64(fields[22])
        else { return nil }
        self.user = user / Self.ticks
        self.system = system / Self.ticks
        resident = pages.multipliedReportingOverflow(by: Self.page).partialValue
    }
}
