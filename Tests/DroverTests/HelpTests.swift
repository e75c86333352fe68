import Basics
import Testing

@testable import drover

/// Every page that help can print, by the words that ask for it.
private let topics: [[String]] =
    [[]] + HelpTopic.allCases.map { [$0.rawValue] }
    + Subcommand.all.flatMap { entry in [[entry.title]] + entry.verbs.map { [entry.title, $0.name] } }

@Test(arguments: topics)
func everyTopicHasAPageOfEightyColumns(_ words: [String]) throws {
    let page = try HelpCommand(Arguments(operands: words)).page
    #expect(page.hasSuffix("\n") && !page.hasSuffix("\n\n"))
    #expect(words.isEmpty || page != Overview.page)
    for line in page.split(separator: "\n") { #expect(line.count <= 80, "\(words): \(line)") }
}

@Test func theOverviewHasEverySubcommandAndTopic() {
    for entry in Subcommand.all { #expect(Overview.page.contains("\n  \(entry.title) "), "\(entry.title)") }
    for topic in HelpTopic.allCases { #expect(Overview.page.contains(topic.rawValue)) }
}

@Test func namesAreDeclaredOnce() {
    func check(_ entries: [Subcommand]) {
        #expect(Set(entries.map(\.name)).count == entries.count)
        for entry in entries {
            #expect(Set(entry.options.map(\.name)).count == entry.options.count, "\(entry.title)")
            #expect(entry.verbs.allSatisfy { $0.title == "\(entry.title) \($0.name)" })
            #expect(!entry.summary.hasSuffix("."), "\(entry.title)")
            check(entry.verbs)
        }
    }
    check(Subcommand.all)
    #expect(Set(HelpTopic.allCases.map(\.rawValue)).isDisjoint(with: Subcommand.all.map(\.title)))
}

private let synopses: [([String], String)] = [
    (["run"], "drover run [-- QEMU-ARG...]"),
    (["seed"], "drover seed [-o FILE] [--list]"),
    (["monitor"], "drover monitor [--qmp] [COMMAND...]"),
    (["healthcheck"], "drover healthcheck [--live|--ready] [--timeout S]"),
    (["screenshot"], "drover screenshot FILE.png|-"),
    (["guest"], "drover guest ping|info|set-password|add-key"),
    (["guest", "add-key"], "drover guest add-key USER [FILE]"),
    (["provision"], "drover provision [OPTION...]"),
]

@Test func synopsesComeFromTheDeclarations() {
    for (words, synopsis) in synopses { #expect(Subcommand.named(words)?.synopsis() == synopsis) }
}

@Test func listsHangUnderTheirColumn() {
    let meaning = "word " + String(repeating: "x", count: 70)
    #expect(
        Subcommand.list([("--a", "short"), ("--long S", meaning)]) == [
            "  --a       short", "  --long S  word", "            " + String(repeating: "x", count: 70),
        ])
}
