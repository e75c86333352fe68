import Foundation
import Testing

@testable import drover

/// What the program writes into the repository's pages. `DROVER_REGENERATE=1 swift test --filter GeneratedPageTests`
/// writes it anew; read the difference.
@Suite struct GeneratedPageTests {
    private static let isRegenerating = ProcessInfo.processInfo.environment["DROVER_REGENERATE"] == "1"

    @Test func thePageOfSubcommandsIsTheTable() throws {
        let page = Page("docs/commands.md")
        let expected = CommandPage.markdown
        if Self.isRegenerating { try page.write(expected) }
        #expect(Page("docs/commands.md").text == expected, "the table of subcommands says otherwise")
    }

    @Test func blocksSayWhatTheProgramSays() throws {
        for page in Page.all {
            if Self.isRegenerating, page.regenerated != page.text { try page.write(page.regenerated) }
            let written = Page(page.path)
            #expect(written.text == written.regenerated, "\(page.path): a generated block says otherwise")
            for name in written.generatedBlocks {
                #expect(GeneratedBlock(rawValue: name) != nil, "\(page.path): \(name)")
            }
        }
    }

    @Test func everyBlockStandsOnAPage() {
        let names = Set(Page.all.flatMap(\.generatedBlocks))
        for block in GeneratedBlock.allCases { #expect(names.contains(block.rawValue), "\(block.rawValue)") }
        let readme = Page("README.md").generatedBlocks
        #expect(readme.contains("exit-codes") && readme.contains("subcommands"))
    }
}
