import Linux

/// The processes behind the core's child table, and what they write.
final class ChildProcesses {
    /// Names a child's process; never used twice.
    typealias Serial = UInt32

    private struct Process {
        let pid: Int32
        let name: String
        let messages: Descriptor
    }

    /// The binary of every child: this one's.
    private let path: String
    private let epoll: Epoll
    private let reader: Reader
    private let log: Log
    private var processes: [Serial: Process] = [:]
    private var lastSerial: Serial = 0

    init(path: String = "/proc/self/exe", epoll: Epoll, reader: Reader, log: Log) {
        self.path = path
        self.epoll = epoll
        self.reader = reader
        self.log = log
    }

    /// Starts a child; its descriptors from 3 on are `inherited`.
    func launch(_ child: Child, _ inherited: [Descriptor]) throws(Errno) -> Int32 {
        let (messages, output) = try Descriptor.pipe()
        try messages.setNonBlocking(true)
        lastSerial += 1
        let pid = try Spawn(
            path: path, arguments: ["drover"] + child.arguments, environment: [],
            descriptors: [try Descriptor.open("/dev/null"), output, output] + inherited.map { $0 },
            parentDeathSignal: .kill, limits: child.limits
        ).start()
        processes[lastSerial] = Process(pid: pid, name: child.name, messages: messages)
        // Unheard it may write into its pipe until that is full; its work does not depend on being heard.
        try? epoll.add(messages, token: Source.child(lastSerial).token, .readable)
        return pid
    }

    func isReady(_ serial: Serial) {
        if let process = processes[serial], !read(process) { try? epoll.remove(process.messages) }
    }

    /// What it wrote last is still told.
    func ended(_ pid: Int32) {
        for (serial, process) in processes where process.pid == pid {
            while read(process) {}
            processes[serial] = nil
        }
    }

    var sources: [Source] { processes.keys.map { .child($0) } }

    /// - Returns: whether there may be more.
    private func read(_ process: Process) -> Bool {
        guard case .bytes(let bytes) = reader.read(process.messages) else { return false }
        // A child writes whole lines at once.
        var lines = ConsoleSanitizer()
        func tell(_ line: UnsafeRawBufferPointer) {
            log.write(.info, "\(process.name): \(String(decoding: line, as: UTF8.self))")
        }
        lines.feed(bytes, emit: tell)
        lines.flush(emit: tell)
        return true
    }
}
