import Basics
import JSON

/// How the last test of a backup went: `test.json` beside the manifest (docs/backup-test.schema.json). Members that are not
/// known are passed over.
public struct TestResult: Equatable, Sendable {
    static let version = 1

    public let id: BackupID
    /// When its guest was started, in seconds since 1970.
    public let second: Int
    public let hasPassed: Bool
    /// What showed that the guest was ready, or what was missed.
    public let reason: String
    /// Of a guest that has failed: the last lines of its console, or of its screen where the console was silent.
    public let lastSeen: [String]
    /// How long the guest was given, or took.
    public let seconds: Double
    public let ram: MiB
    public let qemuVersion: String
    public let droverVersion: String

    public init(
        id: BackupID, second: Int, hasPassed: Bool, reason: String, lastSeen: [String], seconds: Double, ram: MiB,
        qemuVersion: String, droverVersion: String
    ) {
        self.id = id
        self.second = second
        self.hasPassed = hasPassed
        self.reason = reason
        self.lastSeen = lastSeen
        self.seconds = seconds
        self.ram = ram
        self.qemuVersion = qemuVersion
        self.droverVersion = droverVersion
    }

    public var name: String { hasPassed ? "passed" : "failed" }

    /// One line.
    public var summary: String {
        let time = Duration.seconds(seconds).brief
        if hasPassed { return "\(id) has passed its test: \(reason) after \(time)" }
        let last = lastSeen.isEmpty ? "nothing" : lastSeen.map { quoted($0) }.joined(separator: ", ")
        return "\(id) has failed its test: \(reason); last seen of it: \(last)"
    }
}

extension TestResult: BackupNote {
    static let fileName = "test.json"

    public var jsonValue: JSONValue {
        [
            "version": .integer(Self.version), "id": .string(id.text),
            "testedAt": .string(Timestamp.text(ofSecond: second)), "result": .string(name),
            "reason": .string(reason), "lastSeen": .strings(lastSeen), "seconds": .double(seconds),
            "memory": .integer(ram.bytes), "qemuVersion": .string(qemuVersion),
            "droverVersion": .string(droverVersion),
        ]
    }

    init(_ json: JSONValue) throws(JSONMismatch) {
        guard try json.integer("version") == Self.version else {
            throw JSONMismatch(at: "version", expected: "\(Self.version)")
        }
        let result = try json.string("result")
        guard result == "passed" || result == "failed" else {
            throw JSONMismatch(at: "result", expected: "passed or failed")
        }
        self.init(
            id: try json.read("id", BackupID.init), second: try json.second("testedAt"), hasPassed: result == "passed",
            reason: try json.string("reason"),
            lastSeen: try json.texts("lastSeen"), seconds: try json.double("seconds"),
            ram: MiB(bytes: try json.integer("memory")),
            qemuVersion: try json.string("qemuVersion"), droverVersion: try json.string("droverVersion"))
    }
}

extension JSONValue {
    /// A time as Drover writes it, in seconds since 1970.
    func second(_ name: String) throws(JSONMismatch) -> Int {
        let text = try string(name)
        guard let second = CivilTime(rfc3339: text)?.secondsSince1970, Timestamp.text(ofSecond: second) == text else {
            throw JSONMismatch(at: name, expected: "a time such as 2026-11-27T09:30:00Z")
        }
        return second
    }

    func texts(_ name: String) throws(JSONMismatch) -> [String] {
        try list(name) { (element) throws(JSONMismatch) in
            guard let text = element.text else { throw JSONMismatch(expected: "a string") }
            return text
        }
    }
}
