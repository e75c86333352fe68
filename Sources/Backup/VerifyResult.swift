import Basics
import JSON

/// What reading a backup has found: `verify.json` beside the manifest (docs/backup-verify.schema.json). Members that are not
/// known are passed over.
public struct VerifyResult: Equatable, Sendable {
    static let version = 1
    /// Of problems, of which one that hardly any file has is enough to know.
    private static let mostProblems = 32

    public let id: BackupID
    /// When the reading began, in seconds since 1970; the same for all that were read at once.
    public let second: Int
    /// Of the backup and of what it lies over; none: all is as it was when it was made.
    public let problems: [String]
    public let droverVersion: String

    public init(id: BackupID, second: Int, problems: [String], droverVersion: String) {
        self.id = id
        self.second = second
        self.problems = Array(problems.prefix(Self.mostProblems))
        self.droverVersion = droverVersion
    }

    public var isGood: Bool { problems.isEmpty }
    public var name: String { isGood ? "good" : "damaged" }
}

extension VerifyResult: BackupNote {
    static let fileName = "verify.json"

    public var jsonValue: JSONValue {
        [
            "version": .integer(Self.version), "id": .string(id.text),
            "verifiedAt": .string(Timestamp.text(ofSecond: second)), "result": .string(name),
            "problems": .strings(problems), "droverVersion": .string(droverVersion),
        ]
    }

    init(_ json: JSONValue) throws(JSONMismatch) {
        guard try json.integer("version") == Self.version else {
            throw JSONMismatch(at: "version", expected: "\(Self.version)")
        }
        self.init(
            id: try json.read("id", BackupID.init), second: try json.second("verifiedAt"),
            problems: try json.texts("problems"), droverVersion: try json.string("droverVersion"))
        guard try json.string("result") == name else {
            throw JSONMismatch(at: "result", expected: "good without problems, or damaged with some")
        }
    }
}
