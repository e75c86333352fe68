import Foundation
import TestSupport
import Testing

/// Command lines that documents, help and messages show. What they do has tests elsewhere; here, that they can be done.
@Suite struct DocumentedCommandTests {
    private static func text(of folder: String, _ suffix: String) throws -> String {
        let files = try FileManager.default.subpathsOfDirectory(atPath: "\(repository)/\(folder)")
        return try files.filter { $0.hasSuffix(suffix) }.sorted()
            .map { try String(contentsOfFile: "\(repository)/\(folder)/\($0)", encoding: .utf8) }.joined(
                separator: "\n")
    }

    private static func documents() throws -> String {
        try text(of: "docs", ".md") + String(contentsOfFile: "\(repository)/README.md", encoding: .utf8)
    }

    /// Where nothing runs, a command line that is right ends with any code but that of a wrong one.
    @Test func everyCommandLineOfDroverIsUnderstood() throws {
        let places =
            /(?:docker exec (?:-it |-i )?(?:NAME|drover-hurd-1) |docker compose [^`\n]*exec hurd |`)(drover [a-z][^`…)\n]*)/
        let names: Set = [
            "drover adopt", "drover backup", "drover backup serve", "drover disk", "drover disk convert",
            "drover disk resize",
            "drover guest", "drover guest set-password", "drover import", "drover memory", "drover memory SIZE",
            "drover metrics", "drover offsite serve", "drover restore", "drover screenshot", "drover share refresh",
            "drover snapshot",
            "drover snapshot create", "drover snapshot revert", "drover type", "drover usb attach",
        ]
        let lines = Set(try Self.documents().matches(of: places).map { String($0.output.1) })
            // Those that only name a subcommand.
            .subtracting(names).filter { !$0.contains("COMMAND") }
        #expect(lines.count > 20, "\(lines.count)")
        let workspace = try Workspace()
        try shell(
            "cd '\(workspace.path)' && mkdir .ssh && ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519 && echo word >root_password"
        )
        for line in lines.sorted() {
            let status = try shell(
                """
                cd '\(workspace.path)' && drover() { '\(DroverRun.binary)' "$@"; }
                HOME=$PWD DROVER_RUNTIME_DIR=$PWD/run QEMU_DRIVE=$PWD/none; export HOME DROVER_RUNTIME_DIR QEMU_DRIVE
                exec <root_password; \(line) >/dev/null 2>&1; echo $?
                """)
            #expect(!["64\n", "2\n", "127\n"].contains(status), "\(line): \(status)")
        }
    }

    /// Of messages too.
    @Test func everyPageOfHelpIsThere() throws {
        let names = try (Self.documents() + Self.text(of: "Sources", ".swift")).matches(
            of: /drover help ([a-z][a-z-]+)/)
        let pages = Set(names.map { String($0.output.1) })
        #expect(pages.count > 5, "\(pages)")
        for page in pages { try shell("'\(DroverRun.binary)' help \(page)") }
    }

    /// A disk whose base has moved, and then without its base.
    @Test func whatIsSaidOfABaseIsSo() throws {
        let commands = try String(contentsOfFile: "\(repository)/docs/operating.md", encoding: .utf8)
            .matches(of: /`(qemu-img [^`]*)`/).map { String($0.output.1) }
        #expect(commands.map { $0.prefix(16) } == ["qemu-img convert", "qemu-img rebase "])
        let workspace = try Workspace()
        try shell(
            """
            cd '\(workspace.path)' && mkdir old new && qemu-img create -q -f raw old/base.raw 1M
            qemu-img create -q -f qcow2 -b "$PWD/old/base.raw" -F raw old/base.qcow2
            qemu-img create -q -f qcow2 -b "$PWD/old/base.qcow2" -F qcow2 disk.qcow2
            qemu-img convert -O qcow2 old/base.qcow2 new/base.qcow2 && rm -r old
            """)
        for command in commands.reversed() {
            try shell("cd '\(workspace.path)' && \(command.replacing("/new/", with: "\(workspace.path)/new/"))")
        }
        let info = try shell(
            "cd '\(workspace.path)' && qemu-img check -q disk.qcow2 && qemu-img info --output=json whole.qcow2")
        #expect(!info.contains("backing-filename"), "\(info)")
    }
}
