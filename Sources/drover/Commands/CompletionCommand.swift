import Basics

/// `drover completion`: what makes a shell complete drover's command lines.
struct CompletionCommand: Command {
    enum Shell: String, CaseIterable {
        case bash, zsh, fish
    }

    static let declaration = Subcommand(
        "completion", "print a script for completion of drover's command lines",
        operands: [Operand("bash|zsh|fish", "shell", .choice { Shell.allCases.map(\.rawValue) })],
        text: """
            Prints a script for the shell to read when it starts. If drover is only in a container, define a shell
            function of that name first:
            """,
        examples: [
            #"drover() { docker exec -it NAME drover "$@"; }"#,
            "source <(docker exec NAME drover completion bash)",
        ],
        CompletionCommand.self)

    let shell: Shell

    func run() -> Int32 {
        let script =
            switch shell {
            case .bash: BashCompletion.script
            case .zsh: ZshCompletion.script
            case .fish: FishCompletion.script
            }
        show(script)
        return ExitCode.success.rawValue
    }
}

extension CompletionCommand {
    init(_ arguments: Arguments) {
        // The parser lets nothing else through.
        shell = arguments.operand(0).flatMap(Shell.init) ?? .bash
    }
}
