@testable import drover

/// docs/commands.md, from the table of subcommands.
enum CommandPage {
    static var markdown: String {
        var blocks = [
            "# Subcommands",
            "<!-- Written from Sources/drover/SubcommandTable.swift; see GeneratedPageTests. -->",
            """
            `drover help SUBCOMMAND` shows the same in the terminal, as `--help` does after any of them. A subcommand that
            needs a run is a client of the sockets that PID 1 serves, and is run in its container:
            `docker exec -it NAME drover …`.
            """,
            "| subcommand | | needs a run |\n|---|---|---|\n"
                + Subcommand.all.map { entry in
                    "| [`\(entry.title)`](#drover-\(entry.title)) | \(marked(entry.summary)) | \(entry.needsRun ? "yes" : "") |"
                }.joined(separator: "\n"),
        ]
        blocks += Subcommand.all.flatMap { section($0, heading: "##") }
        blocks += ["## Exit codes", trimmed(.exitCodes), trimmed(.clientExitCodes)]
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private static func trimmed(_ block: GeneratedBlock) -> String { String(block.markdown.dropLast()) }

    private static func section(_ subcommand: Subcommand, heading: String) -> [String] {
        let page = subcommand.page
        var blocks = ["\(heading) drover \(subcommand.title)"]
        if subcommand.verbs.isEmpty { blocks.append(code([subcommand.synopsis(width: .max)])) }
        let text = page.text.isEmpty ? capitalised(subcommand.summary) + "." : page.text
        blocks += Subcommand.paragraphs(text).map(marked)
        if !subcommand.options.isEmpty {
            let rows = subcommand.options.map { "| `\($0.form)` | \(marked($0.description)) |" }
            blocks.append((["| option | |", "|---|---|"] + rows).joined(separator: "\n"))
        }
        blocks += Subcommand.paragraphs(page.notes).map(marked)
        if !page.examples.isEmpty { blocks.append(code(page.examples)) }
        if subcommand.needsRun { blocks.append("Needs a run.") }
        if !page.related.isEmpty {
            blocks.append("See also: " + page.related.map { "`drover help \($0)`" }.joined(separator: ", ") + ".")
        }
        return blocks + subcommand.verbs.flatMap { section($0, heading: heading + "#") }
    }

    private static func code(_ lines: [String]) -> String { "```\n\(lines.joined(separator: "\n"))\n```" }

    private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// With variables, options and files set as code.
    private static func marked(_ text: String) -> String {
        text.split(separator: " ").map { word in
            let start = word.firstIndex { $0 != "(" } ?? word.startIndex
            let end = word.lastIndex { !".,;:)".contains($0) }.map { word.index(after: $0) } ?? word.endIndex
            guard start < end else { return String(word) }
            let core = word[start..<end]
            let isCode = core.hasPrefix("--") || core.contains("_") || core.hasSuffix("/")
            return isCode ? "\(word[..<start])`\(core)`\(word[end...])" : String(word)
        }.joined(separator: " ")
    }
}
