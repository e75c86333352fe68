import JSON

/// What somebody wants of the child that makes backups. PID 1 passes it on, as an event on the child's channel alone.
public struct BackupOrder: Equatable, Sendable {
    public enum Kind: Equatable, Sendable {
        /// - Parameter label: of the backup, for people.
        case start(isFull: Bool, label: String?)
        /// A guest is booted from a backup's disks.
        ///
        /// - Parameters:
        ///   - id: nil: of the newest.
        ///   - seconds: until it must be ready.
        case test(id: String?, seconds: Int)
        /// The backup or test under way is given up; nothing when there is none.
        case cancel
        /// The bitmaps go, which a revert to a snapshot cannot have; the next backup is a full one.
        case forget
    }

    static let event = "DROVER_BACKUP"
    /// What the names of a backup's nodes, bitmaps and jobs in QEMU begin with.
    public static let reservedPrefix = "drover-backup-"
    /// How long the guest of a test may take until it is ready, in seconds.
    public static let testTimes = 10...86_400
    /// A translated guest on a busy host has come up by then.
    public static let standardTestTime = 900

    public let kind: Kind
    /// Of this run's orders; the child reports the last one that it has taken up.
    public let number: Int

    public init(_ kind: Kind, number: Int) {
        self.kind = kind
        self.number = number
    }

    /// Nil when it is another event, or has another shape.
    public init?(event name: String, _ data: JSONValue?) {
        guard name == Self.event, let data, let number = data["number"]?.integer(as: Int.self) else { return nil }
        switch data["order"]?.text {
        case "start":
            kind = .start(isFull: data["full"]?.boolean ?? false, label: data["label"]?.text)
        case "test":
            kind = .test(
                id: data["id"]?.text, seconds: data["seconds"]?.integer(as: Int.self) ?? Self.standardTestTime)
        case "cancel": kind = .cancel
        case "forget": kind = .forget
        default: return nil
        }
        self.number = number
    }

    /// With its end.
    public var line: [UInt8] {
        var data: [(name: String, value: JSONValue?)] = [("number", .integer(number))]
        switch kind {
        case .start(let isFull, let label):
            data += [
                ("order", "start"), ("full", .boolean(isFull)), ("label", label.map(JSONValue.string)),
            ]
        case .test(let id, let seconds):
            data += [("order", "test"), ("id", id.map(JSONValue.string)), ("seconds", .integer(seconds))]
        case .cancel: data.append(("order", "cancel"))
        case .forget: data.append(("order", "forget"))
        }
        let event: JSONValue = ["event": .string(Self.event), "data": .object(data)]
        return event.encoded() + [13, 10]
    }
}
