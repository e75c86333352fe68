extension Variable {
    /// The page docs/configuration.md.
    public static func markdown() -> String {
        var lines = [
            "# Configuration", "",
            "<!-- Written from Sources/Machine/Environment/VariableTable.swift; see VariableDocumentationTests. -->",
            "",
            marked(introduction), "",
            "`drover help environment` shows this in the terminal; `drover check` shows the values of a run and every fault.",
        ]
        for section in Section.allCases {
            lines += ["", "## \(section.rawValue)"]
            for variable in all where variable.section == section { lines += variable.markdownEntry }
        }
        lines += ["", "## Other names", ""]
        for (name, secret) in OtherNames.refused {
            let remedy = "a secret does not belong in the environment; mount it as `/run/secrets/\(secret)`"
            lines.append("- `\(name)`: refused; \(remedy).")
        }
        for (name, warning) in OtherNames.ignored { lines.append("- `\(name)`: \(warning).") }
        let qemux = QemuxNames.all.map { "`\($0.name)` (`\($0.variable)`)" }
        lines.append("- Names of qemux/qemu's: refused, with the line to write: \(qemux.joined(separator: ", ")).")
        lines.append(
            "- Another name that starts with `QEMU_` or `DROVER_`: a warning, with the name that may be meant.")
        return lines.joined(separator: "\n") + "\n"
    }

    private var markdownEntry: [String] {
        var lines = ["", "### `\(name)`", "", Self.marked(summary), ""]
        lines.append("- Value: `\(form)`" + (range.map { " (\(Self.marked($0)))" } ?? ""))
        lines.append("- Default: \(Self.marked(defaultText))")
        if let refused { lines.append("- Refused: \(Self.marked(refused))") }
        return lines
    }

    /// With variables and what looks like a value's form set as code.
    private static func marked(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { word in
            let start = word.firstIndex { $0 != "(" } ?? word.startIndex
            let end = word.lastIndex { !".,;:)".contains($0) }.map { word.index(after: $0) } ?? word.endIndex
            guard start < end else { return String(word) }
            let core = word[start..<end]
            let isCode = core.contains("_") || core.contains("[") || core.contains("=") || core.contains("/")
            guard isCode, core.utf8.count > 1 else { return String(word) }
            return "\(word[..<start])`\(core)`\(word[end...])"
        }.joined(separator: " ")
    }
}
