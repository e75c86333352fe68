extension Subcommand {
    /// Understands a command line.
    ///
    /// - Parameter arguments: without the program's name.
    static func parse(_ arguments: [String]) throws(UsageError) -> any Command {
        var words = arguments[...]
        // Without a subcommand, `drover -- ARG…` is `drover run -- ARG…`.
        let name = words.first == nil || words.first == "--" ? "run" : words.removeFirst()
        if isHelp(name) { return HelpCommand(words: []) }
        if name == "--version" { return VersionCommand() }
        guard let subcommand = all.first(where: { $0.title == name }) else {
            throw .unknown("subcommand", name, all.map(\.title))
        }
        return try subcommand.parse(words)
    }

    private func parse(_ words: ArraySlice<String>) throws(UsageError) -> any Command {
        switch body {
        case .command(let command):
            guard let arguments = try ArgumentReader.read(words, for: self) else { return help }
            return try command.init(arguments)
        case .verbs(let verbs):
            let names = verbs.map(\.name)
            guard let word = words.first else {
                throw UsageError(message: "\(title) needs to know what; write one of \(names.joined(separator: ", "))")
            }
            if Self.isHelp(word) { return help }
            guard let verb = verbs.first(where: { $0.name == word }) else {
                throw .unknown("argument to \(title)", word, names + ["--help"])
            }
            return try verb.parse(words.dropFirst())
        }
    }

    private var help: HelpCommand { HelpCommand(words: title.split(separator: " ").map(String.init)) }

    private static func isHelp(_ word: String) -> Bool { word == "--help" || word == "-h" }
}
