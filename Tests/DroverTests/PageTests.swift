import Foundation
import Machine
import Testing

@testable import drover

/// What the pages say of the program, read against the program.
@Suite struct PageTests {
    @Test func everyCommandLineIsUnderstood() {
        var count = 0
        let synopses = Set(Subcommand.all.flatMap { [$0] + $0.verbs }.map { $0.synopsis(width: .max) })
        for page in Page.all {
            let page = page.withoutGeneratedBlocks
            for line in page.blockLines where !synopses.contains(line) {
                for arguments in ShellLine.droverArguments(in: line) {
                    count += 1
                    #expect(Self.isUnderstood(arguments), "\(page.path): \(line)")
                }
            }
            for span in page.spans {
                for arguments in ShellLine.droverArguments(in: span) {
                    count += 1
                    // `drover screenshot` in the middle of a sentence is its name.
                    let isName = arguments == ["…"] || Subcommand.named(arguments) != nil
                    #expect(isName || Self.isUnderstood(arguments), "\(page.path): \(span)")
                }
            }
        }
        #expect(count > 40, "the pages show fewer command lines than they did: are they still found?")
    }

    /// A word in capitals stands for another: `drover help TOPIC`, `--timeout S`.
    static func isUnderstood(_ arguments: [String]) -> Bool {
        let isPlaceholder = { (word: String) in word.contains(/^[A-Z]+…?$/) }
        return ["", "30", "run"].contains { value in
            let words = arguments.map { !value.isEmpty && isPlaceholder($0) ? value : $0 }
            return (try? Subcommand.parse(words)) != nil
        }
    }

    @Test func everyFileThatIsNamedIsThere() {
        let files = FileManager.default
        let root = Page.repository.path
        for page in Page.all {
            for name in page.text.matches(of: /(?:^|[\s"'(\/`])((?:scripts|docs|Sources|Tests)\/[\w.\/+-]*\w)/).map(\.1)
            {
                #expect(files.fileExists(atPath: "\(root)/\(name)"), "\(page.path): \(name)")
            }
            let folder = page.path.contains("/") ? String(page.path.split(separator: "/")[0]) + "/" : ""
            for link in page.links {
                #expect(files.fileExists(atPath: "\(root)/\(folder)\(link)"), "\(page.path): the link to \(link)")
            }
        }
    }

    /// `Suite.function`, in docs/security.md.
    @Test func everyTestThatIsNamedIsThere() throws {
        let tests = "\(Page.repository.path)/Tests"
        let files = try FileManager.default.subpathsOfDirectory(atPath: tests).filter { $0.hasSuffix("Tests.swift") }
        var count = 0
        for name in Page("docs/security.md").text.matches(of: /`(\w+Tests)\.(\w+)`/) {
            let texts = try files.filter { $0.hasSuffix("/\(name.1).swift") }
                .map { try String(contentsOfFile: "\(tests)/\($0)", encoding: .utf8) }
            #expect(texts.contains { $0.contains("func \(name.2)(") }, "\(name.0)")
            count += 1
        }
        #expect(count > 20)
    }

    @Test func helpAndPageInstallTheGuestKitByTheSameLine() throws {
        let lines = HelpTopic.guestKit.page.split(separator: "\n").filter { $0.contains("settrans ") }
        try #require(lines.count == 1)
        let line = lines[0].drop { $0 == " " }
        #expect(Page("docs/guest-kit.md").text.contains(line), "\(line)")
    }

    /// Rows such as `| what a signal does | `Sources/…/SignalPolicy.swift` |`, in docs/design.md.
    @Test func everyQuestionOfANewcomerHasOneFile() throws {
        let heading = "## Where is … decided?\n"
        let sections = Page("docs/design.md").text.split(separator: heading)
        try #require(sections.count == 2, "docs/design.md has no section \(heading)")
        let rows = sections[1].matches(of: /(?m)^\| ([^|]+) \| ([^|]+) \|$/).map { (question: $0.1, file: $0.2) }
            .filter { $0.question != "what is decided" && $0.question != "---" }
        for row in rows {
            let name = row.file.wholeMatch(of: /`([^`]+)`/)?.1
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(
                atPath: "\(Page.repository.path)/\(name ?? row.file)", isDirectory: &isFolder)
            #expect(name != nil && isThere && !isFolder.boolValue, "\(row.question): \(row.file)")
        }
        #expect(rows.count >= 20)
        #expect(Set(rows.map(\.question)).count == rows.count, "a question is asked twice")
    }

    /// Rows such as `| `QEMU_RAM` | a quarter of … | guest memory |`.
    @Test func tablesOfVariablesHaveTheirDefaults() {
        var count = 0
        for page in Page.all {
            for row in page.text.matches(of: /(?m)^\| `([A-Z][A-Z_]+)` \| ([^|]*) \|/) {
                guard let variable = Variable.all.first(where: { $0.name == row.1 }), page.path == "README.md" else {
                    continue
                }
                count += 1
                let written = row.2.replacing("`", with: "")
                // "auto (by accelerator)" is told by its first word, or by what it comes to.
                let told = variable.defaultText
                #expect(
                    !written.isEmpty && told.contains(written), "\(page.path): \(row.0), but the default is \(told)")
            }
        }
        #expect(count > 0)
    }
}

private let lines: [(String, [[String]])] = [
    ("drover", [[]]),
    ("drover stop --force", [["stop", "--force"]]),
    ("$ QEMU_RAM=4X QEMU_DRIVE=/etc drover check > /dev/null; echo $?", [["check"]]),
    ("docker exec -it drover-hurd-1 drover console", [["console"]]),
    ("docker compose exec hurd drover status", [["status"]]),
    (#"echo '{"execute": "x"}' | docker exec -i a drover monitor --qmp"#, [["monitor", "--qmp"]]),
    ("docker exec -i a drover guest set-password root < root_password", [["guest", "set-password", "root"]]),
    ("(echo root; sleep 5) | timeout 10 drover console", [["console"]]),
    (#"HEALTHCHECK --timeout=10s CMD ["/usr/bin/drover", "healthcheck"]"#, [["healthcheck"]]),
    ("drover: the guest runs", []),
    ("drover-apply: there is no seed", []),
    ("docker stop drover-hurd-1  # or drover stop", []),
]

@Test func commandsAreFoundInALine() {
    for (line, arguments) in lines { #expect(ShellLine.droverArguments(in: line) == arguments, "\(line)") }
}
