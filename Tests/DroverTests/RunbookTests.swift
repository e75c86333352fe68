import Foundation
import Testing

/// The alerts, their tests and the runbook name the same.
@Suite struct RunbookTests {
    @Test func everyAlertHasASummaryAnActionASectionAndATest() throws {
        let root = Page.repository.path
        let rules = try String(contentsOfFile: "\(root)/compose/monitoring/alerts.yml", encoding: .utf8)
        let tests = try String(contentsOfFile: "\(root)/Tests/Rules/alerts.yml", encoding: .utf8)
        let alerts = rules.components(separatedBy: "- alert: ").dropFirst()
        let names = alerts.map { String($0.prefix { $0 != "\n" }) }
        for (name, alert) in zip(names, alerts) {
            #expect(alert.contains("\n          runbook: docs/runbook.md#\(name.lowercased())\n"), "\(name)")
            #expect(alert.contains("\n          summary: ") && alert.contains("\n          action: "), "\(name)")
            #expect(alert.contains(/\n        labels: {severity: (page|warning)}\n/), "\(name)")
            #expect(tests.contains(#"alertname="\#(name)""#), "\(name)")
        }
        let sections = Page("docs/runbook.md").text.matches(of: /(?m)^## (.*)$/).map { String($0.output.1) }
        #expect(sections == names.sorted { (sections.firstIndex(of: $0) ?? 0) < (sections.firstIndex(of: $1) ?? 0) })
        #expect(names.count == 19)
    }
}
