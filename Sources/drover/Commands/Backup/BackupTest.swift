import Backup
import Basics
import JSON
import Linux
import Operator
import QMP

/// `drover backup test`.
struct BackupTest: Command {
    static let declaration = Subcommand(
        "backup test", "boots a second guest from one, and says whether it comes up", options: [timeout, json],
        operands: [Operand("ID", "backup", .text, .optional)],
        text: """
            Of the newest, or the one that is named. The guest has the machine of the backup's manifest, its disks with what is
            written to them thrown away, no network and no seed. It is good when its agent answers, or when its console shows
            the text of READY_CHECK=console:TEXT, or "login:" without one. What needs the network is not proved. The result is
            kept beside the manifest. The container must have memory for two guests; the second one yields to the first.
            """,
        notes:
            "While it is at work, no backup is made. Who interrupts this does not interrupt a run's test: drover backup cancel does.",
        examples: ["docker exec NAME drover backup test", "docker compose run --rm hurd backup test 20261127T093000Z"],
        BackupTest.self)

    private static let timeout = Option.seconds(
        "--timeout", BackupOrder.testTimes, "until the guest must be ready",
        unlessGiven: String(BackupOrder.standardTestTime))
    private static let json = Option.flag("--json", "print one JSON object when it is done, and nothing else")

    let id: BackupID?
    let seconds: Int
    let asJSON: Bool

    func run() throws -> Int32 {
        guard let client = try Self.clientOfRun() else {
            let result = try runAlone()
            return tell(result.hasPassed, result.summary, result.jsonValue)
        }
        let outcome = try order(BackupOrders(client))
        return tell(outcome.isGood, outcome.message, outcome.json)
    }

    /// - Returns: nil: there is no run.
    private static func clientOfRun() throws(ClientFailure) -> QMPClient? {
        do throws(ClientFailure) {
            return try connectToPID1()
        } catch {
            if error.exit == .absent { return nil }
            throw error
        }
    }

    private func order(_ orders: BackupOrders) throws(ClientFailure) -> BackupOrders.Outcome {
        let number = try orders.test(id?.text, within: seconds)
        var title = ""
        return try orders.follow(number) { step in
            if step.title != title, !asJSON { report([step.title]) }
            title = step.title
        }
    }

    /// Without a run.
    private func runAlone() throws -> TestResult {
        let configuration = try BackupCommand.configuration(.backup, .machine, .operation)
        let test = RestoreTest(
            try BackupCommand.folder(configuration), configuration, isBesideRun: false, droverVersion: droverVersion,
            path: executablePath())
        // Nothing is ever written there.
        let (silence, end) = try Descriptor.pipe()
        defer { withExtendedLifetime(end) {} }
        return try test.run(id, within: .seconds(seconds)) {
            if !asJSON { report([$0]) }
        } pause: { (deadline) throws(ClientFailure) in
            _ = try? silence.wait(until: .readable, deadline)
        }
    }

    private func tell(_ isGood: Bool, _ message: String, _ json: JSONValue) -> Int32 {
        if asJSON {
            show(json.encodedText(.readable) + "\n")
        } else if isGood {
            show(message + "\n")
        } else {
            report([message])
        }
        return (isGood ? ClientExit.success : .no).rawValue
    }
}

extension BackupTest {
    init(_ arguments: Arguments) throws(UsageError) {
        id = try arguments.operand(0).map { (text) throws(UsageError) in try BackupCommand.id(text) }
        seconds = arguments.seconds(Self.timeout) ?? BackupOrder.standardTestTime
        asJSON = arguments.has(Self.json)
    }
}
