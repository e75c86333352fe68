import JSON
import QMP

/// What QEMU has told of itself and the guest (QEMU QMP reference).
public struct QEMUAnswers: Sendable {
    public struct Disk: Sendable {
        /// Of its block node.
        public let name: String
        public var readBytes = 0
        public var writeBytes = 0
        public var readRequests = 0
        public var writeRequests = 0
        /// In seconds, as the other two.
        public var readSeconds = 0.0
        public var writeSeconds = 0.0
        public var flushRequests = 0
        public var flushSeconds = 0.0
        public var errors = 0
        public var capacity: Int?
        public var allocated: Int?

        init(name: String) { self.name = name }
    }

    /// What it is asked for each scrape, in one go.
    public static let commands: [QMPCommand] = [
        .queryStatus, QMPCommand("query-blockstats"), QMPCommand("query-block"),
    ]

    /// The same where there is a balloon, after those.
    public static let balloonCommands = [QMPCommand("query-balloon"), GuestMemory.query]

    /// What stays the same as long as QEMU runs, and is asked once: each answer costs PID 1 time.
    public struct Lasting: Sendable {
        public var vcpus: [(number: Int, thread: Int32)] = []
        /// In bytes.
        public var memory: Int?

        public static let commands = [QMPCommand("query-cpus-fast"), QMPCommand("query-memory-size-summary")]

        /// - Parameter answers: in the order of `commands`; what is not understood is missing.
        public init(_ answers: some Collection<JSONValue?>) {
            let answers = Array(answers)
            guard answers.count == Self.commands.count else { return }
            for cpu in answers[0]?.elements ?? [] {
                if let number = cpu["cpu-index"]?.integer(as: Int.self),
                    let thread = cpu["thread-id"]?.integer(as: Int32.self)
                {
                    vcpus.append((number, thread))
                }
            }
            memory = answers[1]?["base-memory"]?.integer()
        }
    }

    /// RunState.
    static let states = [
        "colo", "debug", "finish-migrate", "guest-panicked", "inmigrate", "internal-error", "io-error", "paused",
        "postmigrate", "prelaunch", "restore-vm", "running", "save-vm", "shutdown", "suspended", "watchdog",
    ]

    public let state: String
    public let lasting: Lasting
    /// In the order of their devices.
    public var disks: [Disk] = []
    /// What the guest has of its memory, in bytes; nil: there is no balloon.
    public var actualMemory: Int64?
    public var guestMemory: GuestMemory?

    /// - Parameters:
    ///   - answers: what each of `commands` has returned, in their order; nil: an error.
    ///   - hasBalloon: whether the answers to `balloonCommands` come next.
    /// - Throws: when the first is not understood. Of the others, what is not understood is missing.
    public init(_ answers: [JSONValue?], _ lasting: Lasting?, hasBalloon: Bool = false) throws(JSONMismatch) {
        guard answers.count >= Self.commands.count else { throw JSONMismatch(expected: "an answer to each command") }
        self.lasting = lasting ?? Lasting([])
        state = try (answers[0] ?? .null).string("status")
        for entry in answers[1]?.elements ?? [] {
            // Not the CDs, whose names are others.
            guard let name = entry["node-name"]?.name, name.hasPrefix("disk"), let stats = entry["stats"] else {
                continue
            }
            disks.append(Disk(name, stats))
        }
        for entry in answers[2]?.elements ?? [] {
            guard let inserted = entry["inserted"], let name = inserted["node-name"]?.name,
                let index = disks.firstIndex(where: { $0.name == name })
            else { continue }
            disks[index].capacity = inserted["image"]?["virtual-size"]?.integer()
            disks[index].allocated = inserted["image"]?["actual-size"]?.integer()
        }
        let more = Array(answers.dropFirst(Self.commands.count))
        guard hasBalloon, more.count >= Self.balloonCommands.count else { return }
        actualMemory = more[0]?["actual"]?.integer(as: Int64.self)
        guestMemory = GuestMemory(more[1])
    }
}

extension QEMUAnswers.Disk {
    fileprivate init(_ name: String, _ stats: JSONValue) {
        func count(_ member: String) -> Int { stats[member]?.integer() ?? 0 }
        func seconds(_ member: String) -> Double { Double(count(member)) / 1e9 }
        self.init(name: name)
        (readBytes, writeBytes) = (count("rd_bytes"), count("wr_bytes"))
        (readRequests, writeRequests) = (count("rd_operations"), count("wr_operations"))
        (readSeconds, writeSeconds) = (seconds("rd_total_time_ns"), seconds("wr_total_time_ns"))
        (flushRequests, flushSeconds) = (count("flush_operations"), seconds("flush_total_time_ns"))
        errors = count("failed_rd_operations") + count("failed_wr_operations") + count("failed_flush_operations")
    }
}
