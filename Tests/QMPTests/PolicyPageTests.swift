import FoundationEssentials
import TestSupport
import Testing

@testable import QMP

/// The table of commands in docs/security.md; `DROVER_REGENERATE=1 swift test --filter PolicyPageTests` writes it anew.
struct PolicyPageTests {
    private static let path = "\(repository)/docs/security.md"
    private static let (start, end) = ("<!-- QMPPolicyTable -->\n", "<!-- /QMPPolicyTable -->\n")

    private func page() throws -> String { try String(contentsOfFile: Self.path, encoding: .utf8) }

    @Test func thePageHasTheTable() throws {
        let parts = try page().components(Self.start, Self.end)
        let expected = parts.before + Self.start + Self.table + Self.end + parts.after
        if environment("DROVER_REGENERATE") == "1" {
            try expected.write(toFile: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(try page() == expected, "the table of commands says otherwise")
    }

    private static var table: String {
        var lines = ["| level | commands | of their arguments |", "|---|---|---|"]
        for level in [QMPPolicy.Level.readOnly, .operator] {
            lines +=
                rows(QMPPolicyTable.commands, level) + rows(QMPPolicyTable.humanMonitorCommands, level, "the line ")
                + rows(QMPPolicyTable.topics, level, "the line info ")
                + rows(QMPPolicyTable.agentCommands, level, "the agent's ")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func rows(_ table: [QMPPolicyTable.Row], _ level: QMPPolicy.Level, _ what: String = "") -> [String] {
        table.filter { $0.rule.level == level }.map { row in
            let names = QMPPolicyTable.names(row).map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(level.rawValue)` | \(what)\(names) | \(text(row.rule.check)) |"
        }
    }

    private static func text(_ check: QMPPolicyTable.Check) -> String {
        switch check {
        case .none: ""
        case .without(let names): "without " + names.map { "`\($0)`" }.joined(separator: ", ") + ", which name files"
        case .blockNode: "a node by `file` or `raw`, of a file below a disk's directory"
        case .blockNodes: "each as for `blockdev-add`"
        case .newImage: "by `file`, `raw` or `qcow2`; a file that is not there yet, below a disk's directory"
        case .screenshot: "a `.png` or `.ppm` below the runtime directory or a disk's"
        case .transaction: "each action as the command of its name"
        case .humanMonitor: "the line decides"
        case .agent: "the agent's command decides"
        case .property: "not `data`, which a secret has"
        case .topic: "what is asked for decides"
        case .passedDescriptor: "a descriptor"
        }
    }
}

extension String {
    fileprivate func components(_ start: String, _ end: String) -> (before: String, after: String) {
        guard let first = range(of: start), let last = range(of: end) else { return (self, "") }
        return (String(self[..<first.lowerBound]), String(self[last.upperBound...]))
    }
}
