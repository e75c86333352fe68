/// What the completion scripts say, in one order: every subcommand and verb, and what may follow it.
enum CompletionTable {
    /// A place in a command line: the words that are typed before it, and what may follow.
    struct Entry {
        /// Nothing: before the subcommand.
        let title: String
        let following: [(name: String, summary: String)]
        let options: [Option]
        let exclusion: Exclusion?
        let operands: [Operand]
    }

    static let entries: [Entry] = {
        let help = Option.flag("--help", "print the page of help")
        let version = Option.flag("--version", "print the version")
        func entries(_ subcommand: Subcommand) -> [Entry] {
            let entry = Entry(
                title: subcommand.title, following: subcommand.verbs.map { ($0.name, $0.summary) },
                options: subcommand.options + [help], exclusion: subcommand.exclusion,
                operands: subcommand.operands.filter { $0.count != .afterDashes })
            return [entry] + subcommand.verbs.flatMap(entries)
        }
        let top = Entry(
            title: "", following: Subcommand.all.map { ($0.title, $0.summary) }, options: [help, version],
            exclusion: nil, operands: [])
        return [top] + Subcommand.all.flatMap(entries)
    }()
}
