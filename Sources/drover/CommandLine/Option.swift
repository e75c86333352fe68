/// An option of a subcommand.
struct Option: Sendable {
    /// With its dashes.
    let name: String
    /// Nil: a flag.
    let kind: ValueKind?
    /// How help calls the value, such as `FILE`.
    let valueName: String
    let summary: String
    /// What holds when it is not given, for help; nil: nothing to say.
    let fallback: String?

    static func flag(_ name: String, _ summary: String) -> Option {
        Option(name: name, kind: nil, valueName: "", summary: summary, fallback: nil)
    }

    static func text(_ name: String, _ valueName: String, _ summary: String, unlessGiven fallback: String? = nil)
        -> Option
    {
        Option(name: name, kind: .text, valueName: valueName, summary: summary, fallback: fallback)
    }

    static func file(_ name: String, _ summary: String, unlessGiven fallback: String? = nil) -> Option {
        Option(name: name, kind: .file, valueName: "FILE", summary: summary, fallback: fallback)
    }

    static func seconds(
        _ name: String, _ range: ClosedRange<Int>, _ summary: String, unlessGiven fallback: String? = nil
    ) -> Option {
        Option(name: name, kind: .seconds(range), valueName: "S", summary: summary, fallback: fallback)
    }

    static func choice(
        _ name: String, _ valueName: String, _ words: [String], _ summary: String, unlessGiven fallback: String? = nil
    ) -> Option {
        Option(name: name, kind: .choice { words }, valueName: valueName, summary: summary, fallback: fallback)
    }

    /// As in a synopsis: `--timeout S`.
    var form: String { kind == nil ? name : "\(name) \(valueName)" }

    /// The summary with what is accepted and what holds without it.
    var description: String {
        let accepted =
            switch kind {
            case .seconds(let range): ", \(range.lowerBound) to \(range.upperBound) seconds"
            case .choice(let words): ": " + words().joined(separator: ", ")
            case .text, .file, nil: ""
            }
        return summary + accepted + (fallback.map { "; \($0) unless given" } ?? "")
    }
}
