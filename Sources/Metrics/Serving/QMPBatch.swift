import JSON
import Linux
import QMP

/// Asks PID 1 and QEMU what a scrape needs, in one go.
///
/// PID 1 answers for itself. A QEMU that owes answers to an earlier scrape is not asked anew: it hangs, and has its queue full
/// enough.
public struct QMPBatch: Sendable {
    public static let patience = Duration.seconds(2)

    public struct Outcome: Sendable {
        public let status: DroverStatus
        /// Nil: QEMU has not answered in time, or not so that it could be understood.
        public let qemu: QEMUAnswers?
        /// What the child that makes backups has told; nil: there is none, or it has not told yet.
        public let backup: JSONValue?
    }

    private struct Asked: Sendable {
        let until: Instant
        let statusID: Int
        var status: DroverStatus?
        /// Nil: it is not asked, or has been answered.
        var backupID: Int?
        var backup: JSONValue?
        /// The id of the first of QEMU's; nil: it is not asked.
        var first: Int?
        var answers: [JSONValue?] = []
        /// Ids of those that have not come.
        var missing: Set<Int> = []
    }

    private let asksForBackups: Bool
    private let asksForBalloon: Bool
    private var asked: Asked?
    private var framer = QMPFramer()
    private var nextID = 1
    /// What has to be asked once alone.
    private var lasting: QEMUAnswers.Lasting?
    /// Ids of QEMU's answers that have not come when their scrape was over.
    private var owed: Set<Int> = []

    public init(asksForBackups: Bool, asksForBalloon: Bool) {
        self.asksForBackups = asksForBackups
        self.asksForBalloon = asksForBalloon
    }

    public var isUnderWay: Bool { asked != nil }
    public var deadline: Instant? { asked?.until }

    /// What is sent before anything else.
    public static let opening = QMPCommand.capabilities.encoded(id: 0) + Self.lineEnd
    private static let lineEnd: [UInt8] = [13, 10]

    /// - Returns: what is to be sent.
    public mutating func ask(at now: Instant) -> [UInt8] {
        let statusID = takeID()
        var bytes = QMPCommand(DroverCommand.status.rawValue).encoded(id: statusID) + Self.lineEnd
        var asked = Asked(until: now + Self.patience, statusID: statusID)
        if asksForBackups {
            let id = takeID()
            asked.backupID = id
            bytes += QMPCommand(DroverCommand.backupStatus.rawValue).encoded(id: id) + Self.lineEnd
        }
        if owed.isEmpty {
            asked.first = nextID
            var commands = QEMUAnswers.commands
            if asksForBalloon { commands += QEMUAnswers.balloonCommands }
            if lasting == nil { commands += QEMUAnswers.Lasting.commands }
            for command in commands {
                asked.answers.append(nil)
                asked.missing.insert(nextID)
                bytes += command.encoded(id: takeID()) + Self.lineEnd
            }
        }
        self.asked = asked
        return bytes
    }

    private mutating func takeID() -> Int {
        defer { nextID += 1 }
        return nextID
    }

    /// - Returns: the outcome, when it is complete now.
    /// - Throws: when this cannot be QMP.
    public mutating func receive(_ bytes: some Sequence<UInt8>) throws(QMPFramer.LineTooLong) -> Outcome? {
        for line in try framer.append(bytes) {
            // A greeting and events have no id.
            guard let message = try? JSONParser.parse(line, maximumTokens: .max),
                let id = message["id"]?.integer(as: Int.self)
            else { continue }
            if owed.remove(id) == nil { take(message["return"], id) }
        }
        guard let asked, asked.status != nil, asked.backupID == nil, asked.missing.isEmpty else { return nil }
        return end()
    }

    private mutating func take(_ result: JSONValue?, _ id: Int) {
        guard let current = asked else { return }
        if id == current.statusID {
            asked?.status = result.flatMap { try? DroverStatus($0) }
        } else if id == current.backupID {
            asked?.backupID = nil
            asked?.backup = result
        } else if let first = current.first, asked?.missing.remove(id) != nil {
            asked?.answers[id - first] = result
        }
    }

    /// - Returns: what has come; nil: not even PID 1 has answered.
    public mutating func deadlineReached(at now: Instant) -> Outcome? {
        guard let asked, asked.until <= now else { return nil }
        return end()
    }

    private mutating func end() -> Outcome? {
        guard let asked else { return nil }
        self.asked = nil
        owed.formUnion(asked.missing)
        let isWhole = asked.first != nil && asked.missing.isEmpty
        if isWhole, lasting == nil {
            lasting = QEMUAnswers.Lasting(asked.answers.suffix(QEMUAnswers.Lasting.commands.count))
        }
        guard let status = asked.status else { return nil }
        let qemu = isWhole ? try? QEMUAnswers(asked.answers, lasting, hasBalloon: asksForBalloon) : nil
        return Outcome(status: status, qemu: qemu, backup: asked.backup)
    }
}
