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
    var step = Step.beginning

    var jsonValue: JSONValue {
        var members: [(name: String, value: JSONValue?)] = [
            ("id", .string(id.text)), ("parent", kind.parent.map { .string($0.text) }), ("reason", reason),
        ]
        switch step {
        case .beginning: members.append(("step", "beginning"))
        case .copying(let progress):
            members += [
                ("step", "copying"), ("done", .integer(progress.done)), ("total", .integer(progress.total)),
            ]
        case .writing: members.append(("step", "writing"))
        }
        return .object(members)
    }

    private var reason: JSONValue? {
        if case .full(let reason) = kind { .string(reason) } else { nil }
    }
}
