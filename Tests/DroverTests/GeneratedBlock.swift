import Foundation
import Metrics
import Supervision

@testable import drover

/// A part of a page that the program writes: between `<!-- generated: NAME -->` and `<!-- /generated -->`.
enum GeneratedBlock: String, CaseIterable {
    case exitCodes = "exit-codes"
    case clientExitCodes = "client-exit-codes"
    case subcommands
    case hints
    case metrics

    /// With the lines of the marks.
    static var pattern: Regex<(Substring, Substring, Substring)> {
        /(?s)<!-- generated: ([a-z-]+) -->\n(.*?)<!-- \/generated -->/
    }

    var markdown: String {
        switch self {
        case .exitCodes: Self.table("exit code", "meaning", ExitCodeTable.ofRun)
        case .clientExitCodes:
            Self.table(
                "exit code", "of " + ExitCodeTable.clients.map { "`\($0)`" }.joined(separator: ", "),
                ExitCodeTable.ofClients)
        case .subcommands: Self.usage
        case .hints: Self.hintTable
        case .metrics: Self.metricTable
        }
    }

    private static func table(_ first: String, _ second: String, _ rows: [(code: Int32, meaning: String)]) -> String {
        "| \(first) | \(second) |\n|---|---|\n" + rows.map { "| \($0.code) | \($0.meaning) |\n" }.joined()
    }

    private static var metricTable: String {
        "| series | type | unit | meaning |\n|---|---|---|---|\n"
            + Series.all.map { series in
                let labels = series.labels.isEmpty ? "" : "{\(series.labels.joined(separator: ","))}"
                return
                    "| `\(series.name)\(labels)` | \(series.kind.rawValue) | \(series.unit ?? "") | \(series.help) |\n"
            }.joined()
    }

    private static var hintTable: String {
        "| the guest's console | what it means, and what to do |\n|---|---|\n"
            + Hint.allCases.map { hint in
                "| `\(hint.phrase)`\(hint.needsSilence ? ", and nothing for a minute" : "") | \(hint.advice) |\n"
            }.joined()
    }

    /// As `drover help` has them, a line each.
    private static var usage: String {
        let lines = Subcommand.all.map { subcommand in
            (name: subcommand.shortSynopsis.replacing("...", with: "…"), meaning: subcommand.summary)
        }
        let width = (lines.map(\.name.count).max() ?? 0) + 2
        return "```\n"
            + lines.map { $0.name.padding(toLength: width, withPad: " ", startingAt: 0) + $0.meaning + "\n" }.joined()
            + "```\n"
    }
}

extension Subcommand {
    fileprivate var shortSynopsis: String {
        let whole = synopsis(width: 38)
        guard whole.count > 38, let first = verbs.first else { return whole }
        return "drover \(title) \(first.name)|..."
    }
}

extension Page {
    /// As the program would write it.
    var regenerated: String {
        text.replacing(GeneratedBlock.pattern) { block in
            let markdown = GeneratedBlock(rawValue: String(block.1))?.markdown ?? String(block.2)
            return "<!-- generated: \(block.1) -->\n\(markdown)<!-- /generated -->"
        }
    }

    var generatedBlocks: [String] { text.matches(of: GeneratedBlock.pattern).map { String($0.1) } }

    var withoutGeneratedBlocks: Page { Page(path: path, text: text.replacing(GeneratedBlock.pattern, with: "")) }
}
