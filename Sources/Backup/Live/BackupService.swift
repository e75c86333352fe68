import Basics
import JSON
import Linux
import Machine
import Operator
import QMP

/// The child of PID 1 that makes backups: by order, and by the clock. It ends when its channel does, with QEMU.
public final class BackupService {
    private let client: QMPClient
    private let folder: BackupFolder
    private let setup: BackupSetup
    private let log: (String) -> Void
    private var orders: [BackupOrder] = []
    private var isCancelled = false
    /// The last order that was taken up.
    private var number = 0
    private var progress: BackupProgress?
    private var last: Outcome?
    private let began = currentSecond()
    /// When one was last begun by the clock, or made.
    private var lastAttempt: Int?

    /// How the last one ended, for who has ordered it.
    fileprivate struct Outcome {
        let number: Int
        let isGood: Bool
        let message: String
        let manifest: Manifest?
    }

    /// - Parameters:
    ///   - channel: to PID 1's QMP, with all rights.
    ///   - log: takes a line.
    public init(
        _ channel: Descriptor, _ folder: BackupFolder, _ setup: BackupSetup, log: @escaping (String) -> Void
    ) {
        client = QMPClient(channel, name: "PID 1's channel")
        self.folder = folder
        self.setup = setup
        self.log = log
    }

    public func run() throws(ClientFailure) {
        client.onEvent = { [unowned self] in receive($0) }
        try client.negotiate(until: .now() + BlockCommands.patience)
        let newest = try folder.list().backups.last?.id
        lastAttempt = newest?.second
        let qemu = BlockCommands(client: client)
        let undone = try Leftovers(qemu).remove(keeping: [newest])
        // One that QEMU had not opened yet.
        for disk in try qemu.disks() { try? removeFile(setup.fleece(of: disk, folder)) }
        if !undone.isEmpty {
            log("a backup was cut short, and is undone: \(undone.joined(separator: ", ")); the next one lacks nothing")
        }
        // Where another one is at work there, they are his.
        _ = try? BackupWriter(folder, holder: "the start of a run").removePartials()
        while true {
            try report()
            let isDue = try waitForWork()
            if isDue {
                lastAttempt = currentSecond()
                try makeBackup(isFull: false, label: nil)
            } else {
                try take(orders.removeFirst())
            }
        }
    }

    /// - Returns: whether a backup is due by the clock; else an order has come.
    private func waitForWork() throws(ClientFailure) -> Bool {
        while orders.isEmpty {
            let now = currentSecond()
            let due = nextRun(now)
            if let due, due <= now { return true }
            // The clock may jump.
            _ = try client.waitForMessage(until: .now() + .seconds(min(max((due ?? .max) - now, 1), 60)))
        }
        return false
    }

    /// Also one that failed was a try: the next is due when it would have been after a good one.
    private func nextRun(_ now: Int) -> Int? {
        setup.schedule?.nextRun(after: lastAttempt, watchedSince: began, now: now)
    }

    private func receive(_ message: ClientMessage) {
        guard case .event(let name) = message.kind, let order = BackupOrder(event: name, message.data) else { return }
        if order.kind == .cancel { isCancelled = true } else { orders.append(order) }
    }

    private func take(_ order: BackupOrder) throws(ClientFailure) {
        number = order.number
        switch order.kind {
        case .start(let isFull, let label): try makeBackup(isFull: isFull, label: label)
        case .forget: try forget()
        case .cancel: break
        }
    }

    // MARK: The work

    private func makeBackup(isFull: Bool, label: String?) throws(ClientFailure) {
        isCancelled = false
        var reported = Instant.now()
        let backup = LiveBackup(client: client, folder: folder, setup: setup, log: log) { [unowned self] in
            isCancelled
        } observe: { [unowned self] in
            let isNews = progress?.step != $0.step
            progress = $0
            guard isNews, Instant.now() >= reported else { return }
            reported = .now() + .milliseconds(200)
            try? report()
        }
        do throws(ClientFailure) {
            let manifest = try backup.make(isFull: isFull, label: label)
            lastAttempt = max(lastAttempt ?? 0, manifest.id.second)
            finish(isGood: true, manifest.summary, manifest)
        } catch {
            finish(isGood: false, error.message, nil)
            // Without QEMU, or with a guest that may be frozen, the next process begins by undoing what it finds.
            if error.exit == .broken { throw error }
            return
        }
        do throws(ClientFailure) {
            try BackupWriter(folder, holder: "the pruning after a backup").prune(setup.keep) {
                log("removed by BACKUP_KEEP: \($0)")
            }
        } catch {
            log("pruning failed: \(error.message)")
        }
    }

    private func forget() throws(ClientFailure) {
        try Leftovers(BlockCommands(client: client)).remove(keeping: [])
        finish(isGood: true, "the next backup will be a full one", nil)
    }

    private func finish(isGood: Bool, _ message: String, _ manifest: Manifest?) {
        progress = nil
        last = Outcome(number: number, isGood: isGood, message: message, manifest: manifest)
        log(isGood ? message : "the backup failed: \(message)")
    }

    // MARK: What PID 1 is told

    private func report() throws(ClientFailure) {
        let report: JSONValue = [
            "number": .integer(number), "state": progress == nil ? "idle" : "working", "backup": progress?.jsonValue,
            "last": last?.jsonValue,
            "next": nextRun(currentSecond()).map { .string(Timestamp.text(ofSecond: $0)) },
        ]
        try client.expectSuccess(
            of: QMPCommand(DroverCommand.backupReport.rawValue, report), until: .now() + BlockCommands.patience)
    }
}

extension BackupService.Outcome {
    fileprivate var jsonValue: JSONValue {
        [
            "number": .integer(number), "ok": .boolean(isGood), "message": .string(message),
            "id": manifest.map { .string($0.id.text) },
            "kind": manifest.map { .string($0.kind.name) },
            "bytes": manifest.map { .integer($0.bytes) }, "seconds": manifest.map { .double($0.seconds) },
            "consistency": manifest.map { .string($0.consistency.rawValue) },
        ]
    }
}

extension Manifest {
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
