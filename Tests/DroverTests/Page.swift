import Foundation

/// A page for people in the repository, by its path there.
struct Page {
    let path: String
    let text: String

    static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let all: [Page] = {
        let folders = ["", "docs/", "secrets/"]
        let paths = folders.flatMap { folder in
            let names = try? FileManager.default.contentsOfDirectory(
                atPath: repository.appendingPathComponent(folder).path)
            return (names ?? []).filter { $0.hasSuffix(".md") }.map { folder + $0 }
        }
        return paths.filter { $0 != "CHANGELOG.md" }.sorted().map { Page($0) }
    }()

    init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    init(_ path: String) {
        self.path = path
        text = (try? String(contentsOf: Self.repository.appendingPathComponent(path), encoding: .utf8)) ?? ""
    }

    func write(_ text: String) throws {
        try text.write(to: Self.repository.appendingPathComponent(path), atomically: true, encoding: .utf8)
    }

    /// The lines of fenced blocks; one that ends in a backslash with the next.
    var blockLines: [String] {
        var lines: [String] = []
        var isInside = false
        var isContinued = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside.toggle()
                isContinued = false
            } else if isInside, isContinued, let last = lines.indices.last {
                lines[last] = lines[last].dropLast() + String(line)
                isContinued = line.hasSuffix("\\")
            } else if isInside {
                lines.append(String(line))
                isContinued = line.hasSuffix("\\")
            }
        }
        return lines
    }

    /// What stands between backquotes outside of blocks, also across the end of a line.
    var spans: [String] {
        var isInside = false
        let prose = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            if line.hasPrefix("```") { isInside.toggle() }
            return !isInside && !line.hasPrefix("```")
        }.joined(separator: "\n")
        return prose.matches(of: /`([^`]+)`/).map {
            String($0.1).replacing("\n", with: " ").replacing("\\|", with: "|")
        }
    }

    /// Where links lead, but for those to other hosts.
    var links: [String] {
        text.matches(of: /\]\(([^)#\s]+)(#[^)]*)?\)/).map { String($0.1) }.filter { !$0.contains("://") }
    }
}
