import Basics
import JSON
import Linux
import Machine
import Supervision

/// `drover check`: the plan, without starting or changing anything.
struct CheckCommand: Command {
    static let declaration = Subcommand(
        "check", "print what run would do, and every fault, without starting anything",
        options: [json],
        operands: [.extraArguments],
        text: """
            Prints every variable with its value and where the value comes from (set, default, probed; refused has none),
            what was found on the host, and, if there are no faults, QEMU's arguments. Starts and changes nothing. Exits as run would if
            there are faults, else with 0.
            """,
        CheckCommand.self)

    private static let json = Option.flag("--json", "one JSON object instead of text")

    var asJSON = false
    var extraArguments: [String] = []

    func run() -> Int32 {
        hideMemory()
        let preflight = Preflight(extraArguments: extraArguments)
        // All of it before the faults, which go to standard error.
        show(asJSON ? Self.json(preflight) : Self.text(preflight))
        report(preflight.faults)
        return (preflight.faults.isEmpty ? .success : ExitCode(preflight.faults)).rawValue
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
        text += section("files of the disks", plan.nodes.flatMap { nodes in nodes.files.map { line($0, of: nodes) } })
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

    /// QEMU's messages and answers have the descriptor where others have a name.
    private static func line(_ file: DriveNodes.OpenFile, of nodes: DriveNodes) -> String {
        let path = quoted(file.file.path)
        let bytes = file.layer.virtualSize
        // UEFI's variables.
        let size = bytes < MiB(1).bytes ? "\(bytes >> 10) KiB" : "\(MiB(bytes: bytes))"
        var about = [file.role.rawValue, file.layer.format.rawValue, size]
        if file.role == .dataFile { about = [file.role.rawValue] }
        if file.file.name != file.file.path { about.append("named \(quoted(file.file.name))") }
        if file.file.identity == nil { about.append("not there yet") }
        let start = "\(padded("/proc/self/fd/\(file.descriptor)", 16)) \(padded(file.node, 24))"
        return "\(start) \(nodes.image.variable): \(path) (\(about.joined(separator: ", ")))"
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
        let files = plan.nodes.flatMap { nodes in
            nodes.files.map { file -> JSONValue in
                [
                    "descriptor": .integer(Int(file.descriptor)), "format": .string(file.layer.format.rawValue),
                    "name": .string(file.file.name), "node": .string(file.node), "path": .string(file.file.path),
                    "role": .string(file.role.rawValue), "variable": .string(nodes.image.variable),
                ]
            }
        }
        let report: JSONValue = [
            "faults": .strings(preflight.faults.map(\.description)), "files": .array(files),
            "found": .strings(plan.findings),
            "steps": .array(steps), "variables": .array(variables), "warnings": .strings(plan.warnings),
        ]
        return report.encodedText(.readable) + "\n"
    }
}

extension CheckCommand {
    init(_ arguments: Arguments) {
        asJSON = arguments.has(Self.json)
        extraArguments = arguments.extra
    }
}
