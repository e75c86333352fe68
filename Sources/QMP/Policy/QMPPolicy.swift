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

    let level: Level
    /// Why it is that level.
    private let source: Source
    private let diskDirectories: [String]
    private let runtimeDirectory: String

    /// - Parameters:
    ///   - diskDirectories: absolute paths; images may be made and opened below them.
    ///   - runtimeDirectory: an absolute path; screenshots may be written below it.
    public init(level: Level, diskDirectories: [String], runtimeDirectory: String) {
        self.init(
            level: level, source: .variable, diskDirectories: diskDirectories, runtimeDirectory: runtimeDirectory)
    }

    private enum Source {
        case variable
        /// The channel has a level of its own.
        case channel
    }

    /// The same policy for a channel that has a level of its own.
    func ofChannel(_ level: Level) -> QMPPolicy {
        QMPPolicy(level: level, source: .channel, diskDirectories: diskDirectories, runtimeDirectory: runtimeDirectory)
    }

    private init(level: Level, source: Source, diskDirectories: [String], runtimeDirectory: String) {
        self.level = level
        self.source = source
        self.diskDirectories = diskDirectories
        self.runtimeDirectory = runtimeDirectory
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
        if let reason = objection(rule.check, arguments) { return Need(level: .full, reason: reason) }
        return Need(level: rule.level)
    }

    /// Why arguments need `full`; nil when they do not.
    private func objection(_ check: QMPPolicyTable.Check, _ arguments: JSONValue?) -> String? {
        switch check {
        case .none, .humanMonitor, .agent:
            return nil
        case .without(let names):
            return names.first { arguments?[$0] != nil }.map { "\($0) names a file" }
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

    // MARK: Files

    func isDiskPath(_ path: [UInt8]) -> Bool {
        diskDirectories.contains { path.isFile(below: $0) }
    }

    /// A screenshot must not be able to replace a disk, or a file of ours.
    func screenshotObjection(_ path: [UInt8]) -> String? {
        let isPicture = path.hasSuffix(".png") || path.hasSuffix(".ppm")
        if isPicture, path.isFile(below: runtimeDirectory) || isDiskPath(path) { return nil }
        return "its file is no .png or .ppm below the runtime directory or a disk's"
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ suffix: String) -> Bool {
        count > suffix.utf8.count && self.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// By its spelling; bytes are compared, because Swift takes different code points for the same text.
    fileprivate func isFile(below directory: String) -> Bool {
        var directory = [UInt8](directory.utf8)
        while directory.last == UInt8(ascii: "/") { directory.removeLast() }
        directory.append(UInt8(ascii: "/"))
        // PATH_MAX
        return directory.count < count && count < 4096 && starts(with: directory) && last != UInt8(ascii: "/")
            && allSatisfy { $0 >= 0x20 && $0 != 0x7f }
            && !split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }
}
