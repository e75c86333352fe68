import Foundation
import Machine
import TestSupport
import Testing

@Suite struct VariableDocumentationTests {
    @Test func thePageIsTheTable() throws {
        let page = URL(fileURLWithPath: "\(repository)/docs/configuration.md")
        if ProcessInfo.processInfo.environment["DROVER_REGENERATE"] == "1" {
            try FileManager.default.createDirectory(
                at: page.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Variable.markdown().write(to: page, atomically: true, encoding: .utf8)
        }
        let written = (try? String(contentsOf: page, encoding: .utf8)) ?? ""
        #expect(
            written == Variable.markdown(),
            "the table says otherwise; DROVER_REGENERATE=1 swift test --filter thePageIsTheTable rewrites it")
    }

    @Test func helpFitsATerminalAndNamesEveryVariable() {
        let lines = Variable.helpText().split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines { #expect(line.count <= 80, "\(line)") }
        for variable in Variable.all {
            #expect(lines.contains { $0.hasPrefix("  \(variable.name)=") })
            #expect(variable.summary.hasSuffix("."), "\(variable.name)")
            #expect(variable.refused?.hasSuffix(".") != true, "\(variable.name)")
        }
    }

    @Test func everyNameIsDeclaredOnce() {
        #expect(Set(Variable.all.map(\.name)).count == Variable.all.count)
    }
}
