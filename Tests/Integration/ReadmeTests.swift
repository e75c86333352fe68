import Foundation
import Linux
import TestSupport
import Testing

/// What README.md has pasted from a terminal, beside what the program prints.
@Suite struct ReadmeTests {
    /// The fenced blocks, as lines.
    private static let blocks: [[String]] = {
        let text = (try? String(contentsOfFile: "\(repository)/README.md", encoding: .utf8)) ?? ""
        let parts = text.components(separatedBy: "\n```")
        return parts.enumerated().filter { $0.offset % 2 == 1 }.map { part in
            // What follows the fence on its line is the language.
            Array(part.element.components(separatedBy: "\n").dropFirst())
        }
    }()

    /// Commands at a prompt, with what they print.
    @Test func commandsPrintWhatIsPasted() throws {
        let workspace = try Workspace()
        try shell("mkdir '\(workspace.path)/bin' && ln -s '\(DroverRun.binary)' '\(workspace.path)/bin/drover'")
        var count = 0
        for block in Self.blocks {
            let prompts = block.indices.filter { block[$0].hasPrefix("$ ") }
            for (index, place) in prompts.enumerated() {
                let command = String(block[place].dropFirst(2))
                // What runs in a container has a suite of its own.
                guard command.contains("drover "), !command.contains("docker ") else { continue }
                let end = index + 1 < prompts.count ? prompts[index + 1] : block.endIndex
                let output = try shell(
                    """
                    cd '\(workspace.path)' && exec 2>&1
                    export PATH="$PWD/bin:$PATH" DROVER_RUNTIME_DIR="$PWD/run"
                    \(command)
                    """)
                #expect(output == block[(place + 1)..<end].map { $0 + "\n" }.joined(), "\(command)")
                count += 1
            }
        }
        #expect(count > 0, "README.md shows no command with its output any more")
    }

    /// Lines that depend on the machine: only how they begin is compared.
    private static let ofTheMachine = [
        "drover: KVM ", "drover: disk I/O by ", "drover: starting QEMU: ", "drover: guest RAM ",
    ]

    @Test func theLogIsThatOfAGuest() throws {
        let workspace = try Workspace()
        let run = try DroverRun(
            ["run"], workspace.variables(disk: workspace.disk(.micro), ["QEMU_NET": "e1000", "QEMU_ACCEL": "auto"]))
        try run.wait(for: "console: micro: ready", within: 120)
        try run.signal(.terminate)
        #expect(try run.waitForExit(within: 60) == .exited(0))
        let printed = Set(run.lines.map(Self.comparable))

        // What the guest writes comes in another order each time, and in the middle of its own prompts.
        let pasted = Self.blocks.filter { $0.allSatisfy(Self.isLog) }.joined().filter { $0.hasPrefix("drover: ") }
        #expect(pasted.count > 5, "README.md shows no log any more")
        for line in pasted {
            #expect(
                printed.contains(Self.comparable(line)),
                "README.md: \(line), but not in:\n\(run.lines.joined(separator: "\n"))")
        }
    }

    /// `…` stands for lines that are left out.
    private static func isLog(_ line: String) -> Bool {
        line == "…" || line.hasPrefix("drover: ") || line.hasPrefix("console: ")
    }

    /// Without its numbers.
    private static func comparable(_ line: String) -> String {
        if let beginning = ofTheMachine.first(where: { line.hasPrefix($0) }) { return beginning }
        return line.replacing(/[0-9]+(\.[0-9]+)*/, with: "0").replacing(/0 m?s\b/, with: "0 s")
    }
}
