import JSON

/// What clients may ask of QEMU (`QMP_POLICY`); `QMPPolicyTable` says what needs which.
public struct QMPPolicy: Sendable {
    public enum Level: String, Comparable, CaseIterable, Sendable {
        case readOnly = "read-only"
        case `operator`, full

        public static func < (left: Level, right: Level) -> Bool {
            allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
        }
    }

    private(set) var level: Level
    /// Why it is that level.
    private var source: Source
    let diskDirectories: [PlainPath]
    let runtimeDirectory: PlainPath?
    let closed: [PlainPath]
    let look: @Sendable (String) -> FileKind

    /// - Parameters:
    ///   - diskDirectories: absolute paths; images may be made and opened below them.
    ///   - runtimeDirectory: an absolute path; screenshots may be written below it.
    ///   - closed: paths that no client may name, nor anything below them, such as the files of secrets, and of disks.
    ///   - look: what is at an absolute path.
    public init(
        level: Level, diskDirectories: [String], runtimeDirectory: String, closed: [String] = [],
        look: @escaping @Sendable (String) -> FileKind
    ) {
        self.level = level
        source = .variable
        self.diskDirectories = diskDirectories.filter(Self.isForDisks).compactMap { PlainPath($0) }
        self.runtimeDirectory = PlainPath(runtimeDirectory)
        self.closed = closed.compactMap { PlainPath($0) }
        self.look = look
    }

    private enum Source: Sendable {
        case variable
        /// The channel has a level of its own.
        case channel
    }

    /// The same policy for a channel that has a level of its own.
    func ofChannel(_ level: Level) -> QMPPolicy {
        var policy = self
        (policy.level, policy.source) = (level, .channel)
        return policy
    }

    /// What a command needs.
    struct Need: Equatable {
        let level: Level
        /// Why it needs more than its name alone would.
        var reason: String?

        func refusal(of name: String, by policy: QMPPolicy) -> String {
            let reason = reason.map { " (\($0))" } ?? ""
            switch policy.source {
            case .variable:
                return "\(name) is not permitted by QMP_POLICY=\(policy.level.rawValue)\(reason);"
                    + " it needs QMP_POLICY=\(level.rawValue)"
            case .channel:
                return "\(name) is not permitted on this channel, which is \(policy.level.rawValue)\(reason)"
            }
        }
    }

    func need(of command: ClientCommand) -> Need {
        need(command.name, command.arguments)
    }

    func need(_ name: [UInt8], _ arguments: JSONValue?) -> Need {
        guard let name = name.asName, let rule = QMPPolicyTable.rule(for: name) else { return Need(level: .full) }
        if rule.check == .humanMonitor { return humanMonitor(arguments) }
        if rule.check == .agent { return agent(arguments) }
        if rule.level == .operator, let seed = arguments.flatMap(seedName) {
            return Need(level: .full, reason: "\(seed) is the seed's")
        }
        if rule.level == .operator, let name = arguments.flatMap(backupName) {
            return Need(level: .full, reason: "\(name) is a backup's")
        }
        if let reason = objection(rule.check, arguments) { return Need(level: .full, reason: reason) }
        return Need(level: rule.level)
    }

    /// Why arguments need `full`; nil when they do not.
    private func objection(_ check: QMPPolicyTable.Check, _ arguments: JSONValue?) -> String? {
        switch check {
        case .none, .humanMonitor, .agent, .topic:
            return nil
        case .without(let names):
            return names.first { arguments?[$0] != nil }.map { "\($0) names a file" }
        case .property:
            return arguments?["property"]?.string?.elementsEqual("data".utf8) == true ? "data of a secret" : nil
        case .passedDescriptor:
            return "drover passes no descriptors on to QEMU"
        case .blockNode:
            return blockNodeObjection(arguments, isNew: false)
        case .newImage:
            return blockNodeObjection(arguments?["options"], isNew: true)
        case .blockNodes:
            guard let nodes = arguments?["options"]?.elements else { return "options is no list" }
            return nodes.lazy.compactMap { blockNodeObjection($0, isNew: false) }.first
        case .screenshot:
            return screenshotObjection(arguments?["filename"]?.string ?? [])
        case .transaction:
            guard let actions = arguments?["actions"]?.elements else { return "actions is no list" }
            return actions.lazy.compactMap(transactionObjection).first
        }
    }

    private func transactionObjection(_ action: JSONValue) -> String? {
        guard let type = action["type"]?.name, type != "transaction" else { return "an action without a type" }
        if type == "abort" { return nil }
        let need = need(Array(type.utf8), action["data"])
        guard need.level == .full else { return nil }
        return "the action \(String(visible: type.utf8, limit: 64))" + (need.reason.map { ": \($0)" } ?? "")
    }

    /// The first name of a backup's, wherever it stands. Without its bitmap the next backup is wrong, or a full one.
    private func backupName(_ value: JSONValue) -> String? {
        if let text = value.string {
            let isBackups = text.starts(with: BackupOrder.reservedPrefix.utf8)
            return isBackups ? String(visible: text, limit: 64) : nil
        }
        if let elements = value.elements { return elements.lazy.compactMap(backupName).first }
        return value.members?.lazy.compactMap { backupName($0.value) }.first
    }

    /// The first name of the seed's in what names nodes and devices. Its CD has the hashes of the guest's passwords, which no
    /// file is to have.
    private func seedName(_ value: JSONValue) -> String? {
        if let text = value.string { return QMPPolicyTable.seedNames.first { text.elementsEqual($0.utf8) } }
        if let elements = value.elements { return elements.lazy.compactMap(seedName).first }
        return value.members?.lazy.filter { !QMPPolicyTable.ownNames.contains($0.name.asName ?? "") }
            .compactMap { seedName($0.value) }.first
    }
}
