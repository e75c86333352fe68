/// The declaration of a subcommand, or of a verb of one. Parsing, help, docs/commands.md and the completion scripts come
/// from it.
struct Subcommand: Sendable {
    enum Body: Sendable {
        case command(any Command.Type)
        /// What must follow, such as `ping` of `drover guest ping`.
        case verbs([Subcommand])
    }

    /// As it is typed after `drover`, for a verb with what it is a verb of: `guest ping`.
    let title: String
    /// A line for lists.
    let summary: String
    /// Whether it is a client of PID 1.
    let needsRun: Bool
    let options: [Option]
    let exclusion: Exclusion?
    let operands: [Operand]
    /// Why a word too many is refused, when that word may be a secret and must not be repeated.
    let refusal: String?
    let page: Page
    let body: Body

    /// What help says beyond the lists that are made from the rest.
    struct Page: Sendable {
        /// Paragraphs; line breaks within them do not count.
        let text: String
        /// The same, after the options.
        let notes: String
        /// Lines to type.
        let examples: [String]
        /// Topics.
        let related: [String]
    }

    init(
        _ title: String, _ summary: String, needsRun: Bool = false, options: [Option] = [],
        exclusion: Exclusion? = nil, operands: [Operand] = [], refusal: String? = nil, text: String = "",
        notes: String = "", examples: [String] = [], seeAlso related: [String] = [], _ command: any Command.Type
    ) {
        self.title = title
        self.summary = summary
        self.needsRun = needsRun
        self.options = options
        self.exclusion = exclusion
        self.operands = operands
        self.refusal = refusal
        page = Page(text: text, notes: notes, examples: examples, related: related)
        body = .command(command)
    }

    init(
        _ title: String, _ summary: String, needsRun: Bool = false, text: String, notes: String = "",
        examples: [String] = [], seeAlso related: [String] = [], verbs: [Subcommand]
    ) {
        self.title = title
        self.summary = summary
        self.needsRun = needsRun
        options = []
        exclusion = nil
        operands = []
        refusal = nil
        page = Page(text: text, notes: notes, examples: examples, related: related)
        body = .verbs(verbs)
    }

    /// The last word of the title.
    var name: String { title.split(separator: " ").last.map(String.init) ?? "" }

    var verbs: [Subcommand] {
        if case .verbs(let verbs) = body { verbs } else { [] }
    }

    var takesExtraArguments: Bool { operands.contains { $0.count == .afterDashes } }

    /// - Parameter words: a subcommand's name, and a verb's.
    static func named(_ words: [String]) -> Subcommand? {
        var found = all.first { $0.title == words.first }
        for word in words.dropFirst() { found = found?.verbs.first { $0.name == word } }
        return found
    }
}
