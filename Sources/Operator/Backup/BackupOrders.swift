import Basics
import JSON
import Linux
import QMP

/// Orders for the child that makes backups, by way of PID 1.
public struct BackupOrders {
    private static let patience = Duration.seconds(10)
    private static let interval = Duration.milliseconds(200)

    /// How an order ended.
    public struct Outcome: Equatable, Sendable {
        public let isGood: Bool
        /// One line.
        public let message: String
        /// As the child reports it.
        public let json: JSONValue
    }

    private let client: QMPClient

    public init(_ client: QMPClient) {
        self.client = client
    }

    /// - Returns: the order's number.
    public func start(isFull: Bool, label: String?) throws(ClientFailure) -> Int {
        try order(.backupStart, ["full": .boolean(isFull), "label": label.map(JSONValue.string)])
    }

    /// - Parameters:
    ///   - id: of a backup; nil: the newest.
    ///   - seconds: until the guest must be ready.
    /// - Returns: the order's number.
    public func test(_ id: String?, within seconds: Int) throws(ClientFailure) -> Int {
        try order(.backupTest, ["id": id.map(JSONValue.string), "timeout": .integer(seconds)])
    }

    public func cancel() throws(ClientFailure) {
        _ = try order(.backupCancel)
    }

    /// The bitmaps go; the next backup is a full one. Nothing is done where there are no backups.
    public func forget() throws(ClientFailure) -> Outcome {
        try follow(try order(.backupForget)) { _ in }
    }

    private func order(_ command: DroverCommand, _ arguments: JSONValue? = nil) throws(ClientFailure) -> Int {
        let answer = try client.expectSuccess(
            of: QMPCommand(command.rawValue, arguments), until: .now() + Self.patience)
        return try understood(command) { () throws(JSONMismatch) in try (answer.result ?? .null).integer("number") }
    }

    /// Waits for the end of an order, however long that takes.
    public func follow(_ number: Int, _ observe: (BackupStep) -> Void) throws(ClientFailure) -> Outcome {
        while true {
            let report =
                try client.expectSuccess(
                    of: QMPCommand(DroverCommand.backupStatus.rawValue), until: .now() + Self.patience
                ).result ?? .null
            let (outcome, step) = try understood(.backupStatus) { () throws(JSONMismatch) in
                (try Outcome(report, of: number), try BackupStep(report))
            }
            if let outcome { return outcome }
            if let step { observe(step) }
            try client.pause(until: .now() + Self.interval)
        }
    }

    private func understood<Result>(
        _ command: DroverCommand, _ read: () throws(JSONMismatch) -> Result
    ) throws(ClientFailure) -> Result {
        do throws(JSONMismatch) {
            return try read()
        } catch {
            throw client.misunderstood(command, error)
        }
    }
}

extension BackupOrders.Outcome {
    /// Nil while the order is not done.
    fileprivate init?(_ report: JSONValue, of number: Int) throws(JSONMismatch) {
        guard report.has("last") else { return nil }
        let last = try report.member("last")
        guard try last.integer("number") == number else { return nil }
        isGood = try last.boolean("ok")
        message = try last.string("message")
        json = last
    }
}
