import Basics
import JSON
import Machine
import Supervision

/// `drover check`: the plan, without starting or changing anything.
enum CheckCommand {
    static func run(asJSON: Bool, extraArguments: [String]) -> ExitCode {
        let preflight = Preflight(extraArguments: extraArguments)
        print(asJSON ? json(preflight) : text(preflight), terminator: "")
        report(preflight.faults)
        return preflight.faults.isEmpty ? .success : ExitCode(preflight.faults)
    }

    // MARK: Text

    private static func text(_ preflight: Preflight) -> String {
        let plan = preflight.plan
        var text = ""
        for entry in plan.entries {
            let origin = entry.reason.map { "\(entry.origin.rawValue): \($0)" } ?? entry.origin.rawValue
            text += "\(padded(entry.name, 20)) \(padded(entry.value, 32)) \(origin)\n"
        }
        text += section("found", plan.findings)
        text += section("warnings", plan.warnings)
        if let machine = plan.machine {
            for (index, step) in plan.steps.enumerated() {
                let title = index == 0 ? "QEMU's arguments" : "should that fail: \(step)"
                let arguments = machine.arguments(for: step).map { ShellWords.join([$0]) }
                text += index == 0 ? section(title, commandLine(arguments)) : section(title, [])
            }
        }
        return text
    }

    private static func section(_ title: String, _ lines: [String]) -> String {
        if lines.isEmpty { return title.hasPrefix("should") ? "\n\(title)\n" : "" }
        return "\n\(title):\n" + lines.map { "  \($0)\n" }.joined()
    }

    /// An option and its value share a line, so that the whole can be read, and pasted.
    private static func commandLine(_ arguments: [String]) -> [String] {
        var lines = ["qemu-system-x86_64"]
        for argument in arguments {
            if argument.hasPrefix("-") {
                lines.append("  " + argument)
            } else {
                lines[lines.count - 1] += " " + argument
            }
        }
        return lines.dropLast().map { $0 + " \\" } + lines.suffix(1)
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    // MARK: JSON

    /// Members are in alphabetical order.
    private static func json(_ preflight: Preflight) -> String {
        let plan = preflight.plan
        let steps = plan.steps.map { step -> JSONValue in
            [
                "accelerator": .string(step.accelerator.rawValue),
                "arguments": .strings(plan.machine?.arguments(for: step) ?? []), "cpu": .string(step.cpu),
            ]
        }
        let variables = plan.entries.map { entry -> JSONValue in
            [
                "name": .string(entry.name), "origin": .string(entry.origin.rawValue),
                "reason": entry.reason.map(JSONValue.string), "value": .string(entry.value),
            ]
        }
        let report: JSONValue = [
            "faults": .strings(preflight.faults.map(\.description)), "found": .strings(plan.findings),
            "steps": .array(steps), "variables": .array(variables), "warnings": .strings(plan.warnings),
        ]
        return report.encodedText(.readable) + "\n"
    }
}
