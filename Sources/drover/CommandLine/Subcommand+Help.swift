import Basics

extension Subcommand {
    /// `drover stop [--force] [--timeout S]`, a line.
    func synopsis(width: Int = 80) -> String {
        if !verbs.isEmpty { return "drover \(title) \(verbs.map(\.name).joined(separator: "|"))" }
        let words = ["drover \(title)"]
        let operands = operands.map(\.form)
        let whole = (words + optionForms + operands).joined(separator: " ")
        return whole.count <= width ? whole : (words + ["[OPTION...]"] + operands).joined(separator: " ")
    }

    private var optionForms: [String] {
        options.compactMap { option in
            guard let exclusion, let place = exclusion.names.firstIndex(of: option.name) else {
                return "[\(option.form)]"
            }
            return place == 0 ? "[\(exclusion.names.joined(separator: "|"))]" : nil
        }
    }

    /// The page of `drover help`, 80 columns wide.
    var helpPage: String {
        var blocks = [verbs.isEmpty ? [synopsis()] : verbs.map { $0.synopsis() }]
        blocks += Self.paragraphs(page.text.isEmpty ? summary : page.text).map { wrapped($0, indent: 2) }
        blocks.append(Self.list(verbs.map { ($0.name, $0.summary) } + options.map { ($0.form, $0.description) }))
        blocks += Self.paragraphs(page.notes).map { wrapped($0, indent: 2) }
        if needsRun { blocks.append(["  Needs a run under way (docker exec NAME drover \(title) ...)."]) }
        blocks.append(page.examples.map { "  \($0)" })
        if !page.related.isEmpty {
            blocks.append(["  See also: drover help \(page.related.joined(separator: ", "))"])
        }
        return blocks.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") }.joined(separator: "\n\n") + "\n"
    }

    /// Names in a column, and beside them what they mean.
    static func list(_ entries: [(name: String, meaning: String)]) -> [String] {
        let width = (entries.map(\.name.count).max() ?? 0) + 2
        return entries.flatMap { name, meaning in
            let padding = String(repeating: " ", count: width - name.count)
            return wrapped(meaning, indent: 2 + width, first: "  \(name)\(padding)")
        }
    }

    /// What stands between blank lines.
    static func paragraphs(_ text: String) -> [String] {
        var paragraphs: [String] = []
        var isOpen = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                isOpen = false
            } else if isOpen, let last = paragraphs.indices.last {
                paragraphs[last] += " " + line
            } else {
                paragraphs.append(String(line))
                isOpen = true
            }
        }
        return paragraphs
    }
}
