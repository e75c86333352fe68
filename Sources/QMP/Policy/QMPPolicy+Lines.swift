import JSON

/// Commands within commands: HMP lines and the guest agent's.
extension QMPPolicy {
    func agent(_ arguments: JSONValue?) -> Need {
        // Without a command's name it is answered with an error.
        guard let command = arguments?["execute"]?.string else { return Need(level: .readOnly) }
        let name = String(visible: command, limit: 64)
        guard let rule = command.asName.flatMap(QMPPolicyTable.agentRule) else {
            return Need(level: .full, reason: "the agent's \(name)")
        }
        return Need(level: rule.level, reason: rule.level == .readOnly ? nil : "the agent's \(name)")
    }

    func humanMonitor(_ arguments: JSONValue?) -> Need {
        // Without a line QEMU answers with an error.
        guard let text = arguments?["command-line"]?.string else { return Need(level: .readOnly) }
        let line = HumanMonitorLine(text)
        guard let rule = line.name.asName.flatMap(QMPPolicyTable.humanMonitorRule) else {
            return Need(level: .full, reason: "the line \(line.visibleName)")
        }
        if rule.check == .topic { return topic(HumanMonitorLine(line.rest)) }
        if rule.check == .screenshot {
            // Quotes and backslashes mean something to HMP that is not worth following.
            let isPlain = !line.rest.contains { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }
            let objection: String? =
                isPlain ? screenshotObjection(line.firstArgument) : "quotes in the line"
            if let objection { return Need(level: .full, reason: "screendump: \(objection)") }
        }
        return Need(level: rule.level, reason: rule.level == .readOnly ? nil : "the line \(line.visibleName)")
    }
}

extension QMPPolicy {
    /// What `info` is asked for; nothing: QEMU says what there is.
    private func topic(_ line: HumanMonitorLine) -> Need {
        if line.name.isEmpty { return Need(level: .readOnly) }
        guard let rule = line.name.asName.flatMap(QMPPolicyTable.topicRule) else {
            return Need(level: .full, reason: "the line info \(line.visibleName)")
        }
        return Need(level: rule.level, reason: rule.level == .readOnly ? nil : "the line info \(line.visibleName)")
    }
}

extension ClientCommand {
    /// Nil for another command.
    var humanMonitorLine: HumanMonitorLine? {
        guard name.elementsEqual("human-monitor-command".utf8) else { return nil }
        return HumanMonitorLine(arguments?["command-line"]?.string ?? [])
    }
}

/// A line of the human monitor, as QEMU takes it apart (monitor/hmp.c, `get_command_name`).
struct HumanMonitorLine {
    /// Up to white space or a slash: `print/x` has a format behind it, and `screendump/tmp/x` a file.
    let name: [UInt8]
    let rest: [UInt8]

    init(_ line: [UInt8]) {
        let line = line.drop(while: \.isHumanMonitorSpace)
        let end = line.firstIndex { $0 == UInt8(ascii: "/") || $0.isHumanMonitorSpace } ?? line.endIndex
        name = Array(line[..<end])
        rest = Array(line[end...])
    }

    var visibleName: String { String(visible: name, limit: 64) }

    /// Without regard to quotes.
    var firstArgument: [UInt8] {
        Array(rest.drop(while: \.isHumanMonitorSpace).prefix { !$0.isHumanMonitorSpace })
    }
}

extension UInt8 {
    /// isspace(3) in the C locale.
    fileprivate var isHumanMonitorSpace: Bool {
        self == UInt8(ascii: " ") || 9...13 ~= self
    }
}
