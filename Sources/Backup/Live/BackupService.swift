import Basics
import JSON
import Linux
import Machine
import Operator
import QMP

/// The child of PID 1 that makes backups, and tests them: by order, and by the clock. It ends when its channel does, with QEMU.
public final class BackupService {
    private let channel: Descriptor
    private let client: QMPClient
    private let folder: BackupFolder
    private let setup: BackupSetup
    /// It has powered itself off: what is due fails with that reason, until PID 1 starts QEMU and this process anew.
    private let isWithoutGuest: Bool
    private let log: (String) -> Void
    private var orders: [BackupOrder] = []
    private var isCancelled = false
    /// The last order that was taken up.
    private var number = 0
    /// What is under way; nil: nothing, or nothing yet.
    private var work: JSONValue?
    /// An order, or what the clock has begun, has not ended.
    private var isAtWork = false
    /// How the last order ended, or what the clock has begun since.
    private var last: JSONValue?
    private var figures = BackupFigures()
    private let began = currentSecond()
    /// When one was last begun by the clock, or made.
    private var lastAttempt: Int?
    /// The same of a test.
    private var lastTest: Int?

    /// - Parameters:
    ///   - channel: to PID 1's QMP, with all rights.
    ///   - directory: the folder's path.
    ///   - log: takes a line.
    public init(
        _ channel: Descriptor, _ directory: String, _ setup: BackupSetup, log: @escaping (String) -> Void
    ) throws(ClientFailure) {
        do throws(Errno) {
            try Watchdog.start()
        } catch {
            throw ClientFailure(.broken, "there is no watchdog: \(error)")
        }
        let client = QMPClient(channel, name: "PID 1's channel")
        (self.channel, self.client) = (channel, client)
        self.setup = setup
        self.log = log
        try client.negotiate(until: .now() + BlockCommands.patience)
        isWithoutGuest = try client.status(until: .now() + BlockCommands.patience).state == .off
        // Before the folder, whose volume may not answer: the guest could feel it.
        let undone = isWithoutGuest ? [] : try Leftovers(BlockCommands(client: client)).remove(keeping: nil)
        if !undone.isEmpty {
            log("a backup was cut short, and is undone: \(undone.joined(separator: ", ")); the next one lacks nothing")
        }
        Watchdog.allow(Self.patience)
        folder = try BackupFolder(directory)
    }

    public func run() throws(ClientFailure) {
        client.onEvent = { [unowned self] in receive($0) }
        let qemu = BlockCommands(client: client)
        let list = try folder.list()
        let newest = list.backups.last?.id
        lastAttempt = newest?.second
        lastTest = list.tests.values.map(\.second).max()
        if !isWithoutGuest {
            try Leftovers(qemu).remove(keeping: [newest])
            // One that QEMU had not opened yet.
            for disk in try qemu.disks() { try? removeFile(setup.fleece(of: disk, folder)) }
        }
        // Where another one is at work there, they are his.
        _ = try? BackupWriter(folder, holder: "the start of a run").removePartials()
        while true {
            // The folder is read for it.
            Watchdog.allow(Self.patience)
            try report()
            Watchdog.rest()
            switch try waitForWork() {
            case .backup:
                lastAttempt = currentSecond()
                try makeBackup(isFull: false, label: nil)
            case .test:
                try test(nil, within: BackupOrder.standardTestTime)
            case .look:
                break
            case nil:
                try take(orders.removeFirst())
            }
        }
    }

    private enum Due {
        case backup, test
        /// What others have done to the folder, such as verifying it, is told within a minute.
        case look
    }

    /// - Returns: what is due by the clock; nil: an order has come.
    private func waitForWork() throws(ClientFailure) -> Due? {
        let end = Instant.now() + .seconds(60)
        while orders.isEmpty {
            let now = currentSecond()
            let (backup, test) = (nextRun(now) ?? .max, nextTest(now) ?? .max)
            // The test is that of the newest.
            if backup <= now { return .backup }
            if test <= now { return .test }
            guard Instant.now() < end else { return .look }
            // The clock may jump.
            _ = try client.waitForMessage(
                until: min(end, .now() + .seconds(min(max(min(backup, test) - now, 1), 60))))
        }
        return nil
    }

    /// Also one that failed was a try: the next is due when it would have been after a good one.
    private func nextRun(_ now: Int) -> Int? {
        setup.schedule?.nextRun(after: lastAttempt, watchedSince: began, now: now)
    }

    private func nextTest(_ now: Int) -> Int? {
        guard figures.points > 0 else { return nil }
        return setup.testSchedule?.nextRun(after: lastTest, watchedSince: began, now: now)
    }

    private func receive(_ message: ClientMessage) {
        guard case .event(let name) = message.kind, let order = BackupOrder(event: name, message.data) else { return }
        if order.kind == .cancel { isCancelled = true } else { orders.append(order) }
    }

    private func take(_ order: BackupOrder) throws(ClientFailure) {
        number = order.number
        switch order.kind {
        case .start(let isFull, let label): try makeBackup(isFull: isFull, label: label)
        case .test(let id, let seconds): try test(id, within: seconds)
        case .forget: try forget()
        case .cancel: break
        }
    }

    // MARK: The work

    /// For the volume of `BACKUP_DIR` to answer, where it writes nothing of any size.
    static let patience = Duration.seconds(60)

    /// From now on whoever waits for it hears of a volume that does not answer.
    private func begin() {
        (isCancelled, isAtWork) = (false, true)
        sayLastWords()
        Watchdog.allow(Self.patience)
    }

    private func makeBackup(isFull: Bool, label: String?) throws(ClientFailure) {
        begin()
        var reported = Instant.now()
        var step: BackupProgress.Step?
        let backup = LiveBackup(client: client, folder: folder, setup: setup, log: log) { [unowned self] in
            isCancelled
        } observe: { [unowned self] in
            let isNews = step != $0.step
            step = $0.step
            let before = work?["step"]
            work = $0.jsonValue
            // PID 1 must know what is written to at once, should there be a stop.
            guard isNews, Instant.now() >= reported || work?["step"] != before else { return }
            reported = .now() + .milliseconds(200)
            try? report()
        }
        do throws(ClientFailure) {
            let manifest = try backup.make(isFull: isFull, label: label)
            lastAttempt = max(lastAttempt ?? 0, manifest.id.second)
            figures.good += 1
            finish(isGood: true, manifest.summary, manifest.outcome)
        } catch {
            figures.failed += 1
            log("the backup failed: \(error.message)")
            finish(isGood: false, error.message)
            // Without QEMU, or with a guest that may be frozen, the next process begins by undoing what it finds.
            if error.exit == .broken { throw error }
            return
        }
        // Whatever becomes of what follows.
        try report()
        Watchdog.allow(LiveBackup.flushTime)
        do throws(ClientFailure) {
            try BackupWriter(folder, holder: "the pruning after a backup").prune(setup.keep) {
                log("removed by BACKUP_KEEP: \($0)")
            }
        } catch {
            log("pruning failed: \(error.message)")
        }
    }

    /// - Parameter text: a backup's id; nil: the newest.
    private func test(_ text: String?, within seconds: Int) throws(ClientFailure) {
        begin()
        lastTest = currentSecond()
        do throws(ClientFailure) {
            let id = text.flatMap(BackupID.init(_:))
            guard text == nil || id != nil else { throw ClientFailure(.no, "there is no backup of that name") }
            let result = try setup.test(folder).run(id, within: .seconds(seconds)) { [self] in
                log($0)
                work = ["step": "testing", "title": .string($0)]
                try? report()
            } pause: { [self] (deadline) throws(ClientFailure) in
                Watchdog.allow(Self.patience)
                try client.pause(until: deadline)
                if isCancelled { throw ClientFailure(.no, "the test was cancelled") }
            }
            if !result.hasPassed { log(result.summary) }
            finish(isGood: result.hasPassed, result.summary, [("test", result.jsonValue)])
        } catch {
            log("the backup was not tested: \(error.message)")
            finish(isGood: false, error.message)
            if error.exit == .broken { throw error }
        }
    }

    private func forget() throws(ClientFailure) {
        begin()
        try Leftovers(BlockCommands(client: client)).remove(keeping: [])
        finish(isGood: true, "the next backup will be a full one")
    }

    private func finish(isGood: Bool, _ message: String, _ members: [(name: String, value: JSONValue?)] = []) {
        (work, isAtWork) = (nil, false)
        last = outcome(isGood: isGood, message, members)
        if isGood { log(message) }
    }

    private func outcome(
        isGood: Bool, _ message: String, _ members: [(name: String, value: JSONValue?)] = []
    ) -> JSONValue {
        .object([("number", .integer(number)), ("ok", .boolean(isGood)), ("message", .string(message))] + members)
    }

    // MARK: What PID 1 is told

    private func report() throws(ClientFailure) {
        // While one is made, nothing else changes there.
        if work == nil { figures.read(try? folder.list()) }
        sayLastWords()
        try client.expectSuccess(of: reportCommand(), until: .now() + BlockCommands.patience)
    }

    private func sayLastWords() {
        Watchdog.say(reportCommand(isStuck: true).encoded(id: nil) + Array("\n".utf8), to: channel)
    }

    /// - Parameter isStuck: a volume does not answer, so that what is under way comes to no other end.
    private func reportCommand(isStuck: Bool = false) -> QMPCommand {
        let vain = "the volume of BACKUP_DIR, or of the fleece, does not answer"
        let report: JSONValue = [
            "number": .integer(number), "state": isStuck ? "stuck" : work == nil ? "idle" : "working", "backup": work,
            "figures": figures.jsonValue, "last": isStuck && isAtWork ? outcome(isGood: false, vain) : last,
            "next": nextRun(currentSecond()).map { .string(Timestamp.text(ofSecond: $0)) },
            "nextTest": nextTest(currentSecond()).map { .string(Timestamp.text(ofSecond: $0)) },
        ]
        return QMPCommand(DroverCommand.backupReport.rawValue, report)
    }
}

extension Manifest {
    /// Of what has made it, for programs.
    fileprivate var outcome: [(name: String, value: JSONValue?)] {
        [
            ("id", .string(id.text)), ("kind", .string(kind.name)), ("bytes", .integer(bytes)),
            ("seconds", .double(seconds)), ("consistency", .string(consistency.rawValue)),
        ]
    }

    /// One line.
    fileprivate var summary: String {
        let what =
            switch kind {
            case .full(let reason): "a full one (\(reason))"
            case .increment(let parent): "an increment of \(parent)"
            }
        let disks = disks.count == 1 ? "1 disk" : "\(disks.count) disks"
        return
            "backup \(id) is complete: \(what); \(disks), \(MiB(bytes: bytes)) in \(Duration.seconds(seconds).brief); "
            + "\(consistency.rawValue): \(consistencyReason)"
    }
}
