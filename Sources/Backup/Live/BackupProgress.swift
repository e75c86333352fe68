import Basics
import JSON

/// A backup under way.
struct BackupProgress: Equatable, Sendable {
    enum Step: Equatable, Sendable {
        /// Up to the point in time.
        case beginning
        case copying(CopyWatch.Progress)
        /// What was copied is flushed and hashed.
        case writing
    }

    let id: BackupID
    let kind: Manifest.Kind
    /// The nodes in QEMU by which it is written.
    let targets: [String]
    /// What the guest has overwritten since its point in time, in bytes.
    var fleece: Int64 = 0
    var step = Step.beginning

    var jsonValue: JSONValue {
        var members: [(name: String, value: JSONValue?)] = [
            ("id", .string(id.text)), ("parent", kind.parent.map { .string($0.text) }), ("reason", reason),
            ("fleece", .integer(fleece)),
        ]
        switch step {
        case .beginning: members.append(("step", "beginning"))
        case .copying(let progress):
            members += [
                ("step", "copying"), ("done", .integer(progress.done)), ("total", .integer(progress.total)),
                ("targets", .strings(targets)),
            ]
        case .writing: members.append(("step", "writing"))
        }
        return .object(members)
    }

    private var reason: JSONValue? {
        if case .full(let reason) = kind { .string(reason) } else { nil }
    }
}
