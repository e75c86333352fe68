import Foundation
import Linux
import TestSupport
import Testing

/// The scripts of `drover completion` in the shells themselves.
@Suite struct CompletionTests {
    enum Shell: String, CaseIterable {
        case bash, zsh, fish

        var program: String {
            switch self {
            case .bash: "bash --norc"
            case .zsh: "zsh -f"
            case .fish: "fish --no-config"
            }
        }
    }

    private static let subcommands = [
        "adopt", "backup", "check", "completion", "console", "disk", "guest", "healthcheck", "help", "import",
        "memory", "metrics", "monitor", "offsite", "provision", "restore", "run", "screen", "screenshot", "seed",
        "share", "snapshot", "start", "status", "stop", "type", "usb", "version",
    ]
    private static let files = ["a.pub", "b.iso", "folder"]

    /// What is offered at the end of a line.
    private static let cases: [(String, [String])] = [
        ("drover ", subcommands),
        ("drover st", ["start", "status", "stop"]),
        ("drover --v", ["--version"]),
        ("drover guest ", ["add-key", "info", "ping", "set-password"]),
        ("drover guest add-key ", []),
        ("drover guest add-key root ", files),
        ("drover guest add-key root a.pub b", []),
        ("drover healthcheck --", ["--help", "--live", "--ready", "--timeout"]),
        ("drover healthcheck --live --", ["--help", "--timeout"]),
        ("drover stop --timeout ", []),
        ("drover stop --timeout 5 --", ["--force", "--help"]),
        ("drover stop --timeout=5 --f", ["--force"]),
        ("drover help e", ["environment", "exit-codes"]),
        ("drover completion ", ["bash", "fish", "zsh"]),
        ("drover seed -o ", files),
        ("drover seed --list -o a", ["a.pub"]),
        ("drover provision --password-file b", ["b.iso"]),
        ("drover monitor --", ["--help", "--qmp"]),
        ("drover monitor info -", []),
        ("drover run -- -", []),
    ]

    @Test(arguments: Shell.allCases)
    func whatMayFollowIsOffered(_ shell: Shell) throws {
        let workspace = try Workspace()
        let script = "\(workspace.path)/script"
        try TestSupport.shell("'\(DroverRun.binary)' completion \(shell.rawValue) > '\(script)'")
        try TestSupport.shell(
            "mkdir -p '\(workspace.path)/files/folder' && cd '\(workspace.path)/files' && touch a.pub b.iso")
        for (line, expected) in Self.cases {
            let output = try TestSupport.shell(
                """
                cd '\(workspace.path)/files'
                TERM=dumb timeout 60 \(shell.program) '\(repository)/Tests/Integration/Clients/completion.\(shell.rawValue)' \
                    '\(script)' '\(line)'
                """)
            let offered = output.split(separator: "\n").map { line in
                // fish adds what a word means, and a slash to a folder.
                let word = line.split(separator: "\t")[0]
                return String(word.hasSuffix("/") ? word.dropLast() : word)
            }
            #expect(offered.sorted() == expected, "\(shell): \(line)")
        }
    }
}
