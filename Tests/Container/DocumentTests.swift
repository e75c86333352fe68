import Foundation
import TestSupport
import Testing

/// Blocks of the documents between `<!-- run: NAME -->` and `<!-- /run -->`, typed as they stand, on the guest micro.
@Suite struct DocumentTests {
    /// The lines of a block, without its fences.
    private func block(_ name: String, of page: String) throws -> [String] {
        let parts = try text(of: "\(repository)/\(page)").components(separatedBy: "<!-- run: \(name) -->\n```\n")
        try #require(parts.count == 2, "\(page) has no block \(name)")
        let lines = try #require(parts[1].components(separatedBy: "\n```").first)
        return lines.components(separatedBy: "\n")
    }

    @Test func theQuickStartIsAsItIsShown() throws {
        let clone = try Clone()
        try shell("mv '\(clone.workspace.disk(.micro))' '\(clone.path)/debian.qcow2'")
        let shown = try block("up", of: "README.md")
        let command = try #require(shown.first?.wholeMatch(of: /\$ sudo (.*)/)?.output.1)
        var rest = try clone.type(String(command)).components(separatedBy: "\n")[...]
        // `…` stands for lines that are left out.
        for line in shown.dropFirst() where line != "…" {
            let place = try #require(rest.firstIndex(of: line), "\(line), but not in:\n\(rest.joined(separator: "\n"))")
            rest = rest[(place + 1)...]
        }
        #expect(try clone.login.byKey("\(clone.path)/secrets/id_ed25519", "root") == "root\n")

        let day = try block("day", of: "README.md")
        let output = try clone.type("set -e\n" + day.joined(separator: "\n"))
        #expect(output.contains("state:        running"), "\(output)")
        #expect(try clone.container.log().contains("drover: stopped cleanly by rung "))
        #expect(try clone.login.byKey("\(clone.path)/secrets/id_ed25519", "root") == "root\n")
    }

    @Test func aGuestRunsWithoutAClone() throws {
        let workspace = try Workspace(isOpen: false)
        let disk = try workspace.disk(.micro, named: "debian.qcow2")
        defer { _ = try? Engine.docker("rm --force guest") }
        let lines = try block("docker-run", of: "docs/container.md").joined(separator: "\n")
        try shell(
            "cd '\(workspace.path)' && test -e '\(disk)' && PATH=\"$(dirname '\(Engine.client)'):$PATH\" && export PATH && set -e\n\(lines)",
            within: 120)
        let container = Container(id: "guest")
        try container.wait(for: "console: micro: ready")
        let password = try text(of: "\(workspace.path)/guest/secrets/root_password")
        #expect(try GuestLogin(port: 2222, workspace: workspace).byPassword(password, "root") == "root\n")
        try Engine.docker("stop guest")
        #expect(try container.inspect("{{.State.ExitCode}}") == "0")
    }
}
