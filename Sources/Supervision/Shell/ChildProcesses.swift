import Linux
import QMP

/// The processes behind the core's child table, and what they write.
final class ChildProcesses {
    /// Names a child's process; never used twice.
    typealias Serial = UInt32

    /// A child's connection to PID 1's QMP.
    struct Channel {
        let client: QMPServer.ClientID
        /// The child's end.
        let descriptor: Descriptor
    }

    private struct Process {
        let pid: Int32
        let name: String
        let channels: [QMPServer.ClientID]
        let messages: Descriptor
    }

    /// The binary of every child: this one's.
    private static let path = "/proc/self/exe"
    /// A pipe holds no more than two turns; a child's own child, which may write on, is not waited for.
    private static let lastTurns = 2

    private let epoll: Epoll
    private let reader: Reader
    private let log: Log
    private var processes: [Serial: Process] = [:]
    private var lastSerial: Serial = 0

    init(epoll: Epoll, reader: Reader, log: Log) {
        self.epoll = epoll
        self.reader = reader
        self.log = log
    }

    /// Starts a child, which finds its channels' ends from descriptor 3 on.
    func launch(_ child: Child, _ channels: [Channel]) throws(Errno) -> Int32 {
        let (messages, output) = try Descriptor.pipe()
        try messages.setNonBlocking(true)
        lastSerial += 1
        try epoll.add(messages, token: Source.child(lastSerial).token, .readable)
        let pid = try Spawn(
            path: Self.path, arguments: ["drover"] + child.arguments, environment: child.environment,
            descriptors: [try Descriptor.open("/dev/null"), output, output] + channels.map(\.descriptor),
            parentDeathSignal: .kill, limits: child.limits
        ).start()
        processes[lastSerial] = Process(
            pid: pid, name: child.name, channels: channels.map(\.client), messages: messages)
        return pid
    }

    func isReady(_ serial: Serial) {
        if let process = processes[serial] { _ = read(process) }
    }

    /// What it wrote last is still told.
    ///
    /// - Returns: its channels, which are to be closed.
    func ended(_ pid: Int32) -> [QMPServer.ClientID] {
        guard let (serial, process) = processes.first(where: { $0.value.pid == pid }) else { return [] }
        var turns = 0
        while turns < Self.lastTurns, read(process) { turns += 1 }
        processes[serial] = nil
        return process.channels
    }

    var sources: [Source] { processes.keys.map { .child($0) } }

    /// - Returns: whether there may be more.
    private func read(_ process: Process) -> Bool {
        switch reader.read(process.messages) {
        case .bytes(let bytes):
            tell(bytes, of: process)
            return true
        case .end:
            try? epoll.remove(process.messages)
        case .nothing:
            break
        }
        return false
    }

    private func tell(_ bytes: UnsafeRawBufferPointer, of process: Process) {
        // A child writes whole lines at once.
        var lines = ConsoleSanitizer()
        func tell(_ line: ConsoleSanitizer.Line) {
            log.write(.info, "\(process.name): \(String(decoding: line.text, as: UTF8.self))")
        }
        lines.feed(bytes, emit: tell)
        lines.flush(emit: tell)
    }
}
