import Basics

/// An environment variable: its declaration in `Variable.all` is the only place that knows its name, syntax, default
/// and meaning. Parsing, `drover help environment`, docs/configuration.md and `drover check` come from it.
public struct Variable: Sendable {
    /// A heading of the help text.
    public enum Section: String, CaseIterable, Sendable {
        case disks = "Disks"
        case machine = "Machine"
        case network = "Network"
        case guest = "Guest"
        case share = "Shared folder"
        case operation = "Operation"
        case backup = "Backups"
        case offsite = "Off-site copies"
    }

    public let name: String
    public let section: Section
    /// How a value is written, such as `SIZE|auto`.
    public let form: String
    /// What is accepted, in words; nil when the form says it all.
    public let range: String?
    /// What it does, in whole sentences.
    public let summary: String
    /// What is refused beyond the form and the range, in words; nil when nothing is.
    public let refused: String?

    private let declaredDefault: String?
    private let store: @Sendable (String, inout Configuration) throws(Rejection) -> Void
    private let show: @Sendable (Configuration) -> String

    /// Two closures, where a key path would do: instantiating one for each variable takes 0.1 ms of the start (measured).
    init<Value: Sendable>(
        _ name: String, _ section: Section, _ get: @escaping @Sendable (Configuration) -> Value,
        _ set: @escaping @Sendable (inout Configuration, Value) -> Void,
        _ syntax: ValueSyntax<Value>, defaultText: String? = nil, _ summary: String, refused: String? = nil
    ) {
        self.name = name
        self.section = section
        self.form = syntax.form
        self.range = syntax.range
        declaredDefault = defaultText
        self.summary = summary
        self.refused = refused
        store = { text, configuration throws(Rejection) in set(&configuration, try syntax.parse(text)) }
        show = { syntax.show(get($0)) }
    }

    /// For a value that may be absent; `word` says so.
    init<Value: Sendable>(
        _ name: String, _ section: Section, _ get: @escaping @Sendable (Configuration) -> Value?,
        _ set: @escaping @Sendable (inout Configuration, Value?) -> Void,
        _ syntax: ValueSyntax<Value>, orElse word: String, defaultText: String? = nil, _ summary: String,
        refused: String? = nil
    ) {
        self.init(name, section, get, set, syntax.orElse(word), defaultText: defaultText, summary, refused: refused)
    }

    /// The value in a configuration, written as the variable would be.
    public func value(in configuration: Configuration) -> String { show(configuration) }

    /// The default as shown to the owner.
    public var defaultText: String { declaredDefault ?? show(Configuration()) }

    func read(_ text: String, into configuration: inout Configuration) throws(Rejection) {
        try store(text, &configuration)
    }
}
