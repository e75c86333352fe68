import Basics
import JSON
import Linux
import Machine

/// docs/backup-manifest.schema.json. Members that are not known are passed over: a later version may add some.
extension Manifest {
    static let version = 2
    /// In 1, digests are of whole files.
    static let versions = 1...version
    /// Far more than one needs: what comes from elsewhere may be anything.
    static let mostBytes = 4 << 20

    public var jsonValue: JSONValue {
        var reason: String?
        if case .full(let text) = kind { reason = text }
        return [
            "version": .integer(Self.version), "id": .string(id.text), "label": label.map(JSONValue.string),
            "guest": .string(guest.text), "kind": .string(kind.name),
            "reason": reason.map(JSONValue.string), "parent": parent.map { .string($0.text) },
            "createdAt": .string(id.timeText), "seconds": .double(seconds),
            "consistency": .string(consistency.rawValue), "consistencyReason": .string(consistencyReason),
            "qemuVersion": .string(qemuVersion), "machineType": .string(machineType),
            "droverVersion": .string(droverVersion), "disks": .array(disks.map(\.jsonValue)),
            "configuration": .array(configuration.map { ["name": .string($0.name), "value": .string($0.value)] }),
        ]
    }

    public var encoded: [UInt8] { jsonValue.encoded(.readable) + [0x0A] }

    /// Why a file is no manifest.
    public struct Problem: Error, Equatable, Sendable {
        public let text: String
    }

    public init(_ bytes: [UInt8]) throws(Problem) {
        let json: JSONValue
        do throws(JSONProblem) {
            json = try JSONParser.parse(bytes)
        } catch {
            throw Problem(text: "is no JSON: \(error.desc)")
        }
        let version: Int? = json["version"]?.integer()
        if let version, !Self.versions.contains(version) {
            throw Problem(text: "is of version \(version), which this Drover does not read; use a newer one")
        }
        do throws(JSONMismatch) {
            try self.init(json)
        } catch {
            throw Problem(text: "is not understood: \(error)")
        }
    }

    private init(_ json: JSONValue) throws(JSONMismatch) {
        let _: Int = try json.integer("version")
        let id: BackupID = try json.read("id", BackupID.init)
        guard try json.string("createdAt") == id.timeText else {
            throw JSONMismatch(at: "createdAt", expected: id.timeText)
        }
        let kind: Kind
        switch try json.string("kind") {
        case "full": kind = .full(reason: try json.string("reason"))
        case "increment":
            kind = .increment(of: try json.read("parent", BackupID.init))
        default: throw JSONMismatch(at: "kind", expected: "full or increment")
        }
        guard let guest = GuestID(try json.string("guest")) else {
            throw JSONMismatch(at: "guest", expected: "32 hexadecimal digits")
        }
        guard let consistency = Consistency(rawValue: try json.string("consistency")) else {
            throw JSONMismatch(at: "consistency", expected: alternatives(Consistency.allCases.map(\.rawValue)))
        }
        let disks = try json.list("disks", Disk.init)
        guard !disks.isEmpty, Set(disks.map(\.name)).count == disks.count else {
            throw JSONMismatch(at: "disks", expected: "one or more, each with a name of its own")
        }
        self.init(
            id: id, label: json.has("label") ? try json.string("label") : nil, guest: guest, kind: kind,
            seconds: try json.double("seconds"), consistency: consistency,
            consistencyReason: try json.string("consistencyReason"), qemuVersion: try json.string("qemuVersion"),
            machineType: try json.string("machineType"), droverVersion: try json.string("droverVersion"), disks: disks,
            configuration: try json.list("configuration", Setting.init))
    }
}

extension BackupID {
    init(_ json: JSONValue) throws(JSONMismatch) {
        guard let id = json.text.flatMap(BackupID.init(_:)) else {
            throw JSONMismatch(expected: "a backup's name, such as 20261127T093000Z")
        }
        self = id
    }
}

extension Manifest.Disk {
    fileprivate var jsonValue: JSONValue {
        [
            "name": .string(name), "file": .string(file), "virtualSize": .integer(virtualSize),
            "fileSize": .integer(fileSize), "sha256": .string(digest.sha256),
            "sha256PieceSize": digest.pieceSize.map { .integer($0) }, "sourceFormat": .string(sourceFormat.rawValue),
            "bitmap": bitmap.map(JSONValue.string),
        ]
    }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        let name = try json.string("name")
        // It becomes part of a path.
        guard (1...32).contains(name.utf8.count), name.utf8.allSatisfy({ $0.isDigit || 0x61...0x7A ~= $0 }) else {
            throw JSONMismatch(at: "name", expected: "1 to 32 small letters and digits")
        }
        guard try json.string("file") == Self.file(of: name) else {
            throw JSONMismatch(at: "file", expected: Self.file(of: name))
        }
        let sha256 = try json.string("sha256")
        guard sha256.utf8.count == 64, sha256.isLowercaseHexadecimal else {
            throw JSONMismatch(at: "sha256", expected: "64 hexadecimal digits")
        }
        let pieceSize: Int64? = json.has("sha256PieceSize") ? try json.integer("sha256PieceSize") : nil
        if let pieceSize, !Self.pieceSizes.contains(pieceSize) {
            throw JSONMismatch(
                at: "sha256PieceSize", expected: "\(Self.pieceSizes.lowerBound) to \(Self.pieceSizes.upperBound) bytes")
        }
        guard let format = Configuration.DiskFormat(rawValue: try json.string("sourceFormat")) else {
            throw JSONMismatch(
                at: "sourceFormat", expected: alternatives(Configuration.DiskFormat.allCases.map(\.rawValue)))
        }
        self.init(
            name: name, virtualSize: try Self.size("virtualSize", json), fileSize: try Self.size("fileSize", json),
            digest: FileDigest(sha256: sha256, pieceSize: pieceSize), sourceFormat: format,
            bitmap: json.has("bitmap") ? try json.string("bitmap") : nil)
    }

    private static let pieceSizes: ClosedRange<Int64> = 1 << 20...1 << 30

    private static func size(_ name: String, _ json: JSONValue) throws(JSONMismatch) -> Int64 {
        let size: Int64 = try json.integer(name)
        guard size >= 0 else { throw JSONMismatch(at: name, expected: "a number of bytes") }
        return size
    }
}

extension Manifest.Setting {
    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(name: try json.string("name"), value: try json.string("value"))
    }
}
