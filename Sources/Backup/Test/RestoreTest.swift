import Basics
import Linux
import Machine
import Operator
import QMP

/// Boots a guest from a backup, to find out whether one would.
public struct RestoreTest {
    private static let interval = Duration.milliseconds(500)

    private let folder: BackupFolder
    private let configuration: Configuration
    private let isBesideRun: Bool
    private let droverVersion: String
    /// The PATH by which QEMU is found.
    private let path: String

    /// - Parameters:
    ///   - configuration: of the run, by the environment.
    ///   - isBesideRun: whether its guest runs meanwhile, and has its memory.
    public init(
        _ folder: BackupFolder, _ configuration: Configuration, isBesideRun: Bool, droverVersion: String, path: String
    ) {
        self.folder = folder
        self.configuration = configuration
        self.isBesideRun = isBesideRun
        self.droverVersion = droverVersion
        self.path = path
    }

    /// Boots it, and writes down how that went.
    ///
    /// - Parameters:
    ///   - id: nil: the newest.
    ///   - time: until the guest must be ready.
    ///   - begin: told what is about to be booted, one line.
    ///   - pause: waits until then, and throws when the test is not wanted any more.
    /// - Throws: when nothing has been found out.
    public func run(
        _ id: BackupID?, within time: Duration, begin: (String) -> Void,
        pause: (Instant) throws(ClientFailure) -> Void
    ) throws(ClientFailure) -> TestResult {
        let writer = try BackupWriter(folder, holder: "a test of a backup")
        let list = try folder.list()
        guard let id = id ?? list.backups.last?.id else {
            throw ClientFailure(.no, "there are no backups in \(quoted(folder.path))")
        }
        let directory = "\(configuration.operation.runtimeDirectory)/test"
        var machine = TestMachine(try list.chain(of: id), in: folder, configuration, runtimeDirectory: directory)
        try machine.choose(
            beside: isBesideRun ? configuration.machine : nil, .current(), ProcessIdentity.current().orchestrator)
        let floor = SpaceFloor(floor: configuration.backup.floor.bytes, directories: [folder.path])
        try floor.check()

        let ram = machine.configuration.machine.ram ?? MiB(0)
        let (began, second) = (Instant.now(), currentSecond())
        let guest = try TestGuest(["PATH=\(path)"] + machine.environment, directory: directory)
        begin("booting a second guest from \(id), with \(ram) and without a network, on disks that are thrown away")
        var last: DroverStatus?
        while true {
            var verdict: (hasPassed: Bool, reason: String)?
            if let end = guest.read() {
                // Whoever could not be started, or was killed, has not proved anything.
                guard end == .exited(0), last != nil else {
                    throw ClientFailure(.no, "\(id) could not be tested: the second drover \(end): \(guest.lastWords)")
                }
                verdict = (false, "the guest has powered itself off")
            }
            if verdict == nil, let report = guest.report() {
                last = report
                verdict = machine.proof(report).map { (true, $0) }
            }
            if verdict == nil, Instant.now() - began > time {
                verdict = (false, machine.shortcoming(last, time))
            }
            if let verdict {
                let result = TestResult(
                    id: id, second: second, hasPassed: verdict.hasPassed, reason: verdict.reason,
                    lastSeen: verdict.hasPassed ? [] : guest.lastSeen(),
                    seconds: Double((Instant.now() - began).nanoseconds / 1_000_000) / 1e3, ram: ram,
                    qemuVersion: last?.qemu?.version ?? "unknown", droverVersion: droverVersion)
                try writer.folder.note(result)
                return result
            }
            try floor.check()
            try pause(.now() + Self.interval)
        }
    }
}

extension TestMachine {
    /// What shows that the guest is ready; nil: nothing yet.
    fileprivate func proof(_ status: DroverStatus) -> String? {
        if case .console(let text, true) = status.readyCheck { return "the console has shown \(quoted(text))" }
        return status.agent == .answering ? "the guest's agent has answered" : nil
    }

    fileprivate func shortcoming(_ last: DroverStatus?, _ time: Duration) -> String {
        guard let last, last.state != .starting else { return "the guest did not begin to run within \(time.brief)" }
        let resets = last.guestResets == 0 ? "" : ", and the guest was reset \(last.guestResets) times"
        let remedy = text == Self.usualText ? " (READY_CHECK=console:TEXT names another text)" : ""
        return
            "neither has the console shown \(quoted(text))\(remedy) nor an agent answered within \(time.brief)\(resets)"
    }
}
