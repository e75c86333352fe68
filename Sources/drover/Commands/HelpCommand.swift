import Basics

/// `drover help`, and `--help` of every subcommand.
struct HelpCommand: Command {
    static let declaration = Subcommand(
        "help", "print the page of a subcommand or of a topic",
        operands: [
            Operand(
                "SUBCOMMAND|TOPIC", "help topic",
                .choice { Subcommand.all.map(\.title) + HelpTopic.allCases.map(\.rawValue) }, .optional),
            Operand("VERB", "verb", .text, .optional),
        ],
        text: "Prints the page of a subcommand or of a topic; without an argument, lists them.",
        examples: ["drover help guest add-key"],
        HelpCommand.self)

    /// A topic, or a subcommand and a verb of it; nothing: the overview.
    let words: [String]

    func run() -> Int32 {
        show(page)
        return ExitCode.success.rawValue
    }

    var page: String {
        if let topic = words.first.flatMap(HelpTopic.init) { return topic.page }
        return Subcommand.named(words)?.helpPage ?? Overview.page
    }
}

extension HelpCommand {
    init(_ arguments: Arguments) throws(UsageError) {
        words = arguments.operands
        if words.count == 2, Subcommand.named(words) == nil {
            let verbs = Subcommand.named([words[0]])?.verbs ?? []
            throw .unknown("argument to help", words[1], verbs.map(\.name))
        }
    }
}
