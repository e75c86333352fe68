import Foundation
import Glibc
import JSON
import Linux
import TestSupport
import Testing

/// A `micro` guest with backups, which are tested.
final class TestedGuest {
    let workspace: Workspace
    var variables: [String: String]
    private(set) var run: DroverRun?

    var backups: String { "\(workspace.path)/backups" }

    init(_ more: [String: String] = [:]) throws {
        workspace = try Workspace()
        try shell("mkdir '\(workspace.path)/backups'")
        variables = workspace.variables(
            disk: try workspace.disk(.micro),
            ["BACKUP_DIR": "\(workspace.path)/backups", "BACKUP_FLOOR": "1M", "QMP_POLICY": "full"].merging(more) { $1 }
        )
    }

    @discardableResult
    func start(waitingFor text: String = "console: micro: ready", by prefix: [String] = []) throws -> DroverRun {
        let run = try DroverRun(["run"], variables, by: prefix)
        self.run = run
        try run.wait(for: text, within: 200)
        return run
    }

    func stop() throws {
        try run?.signal(.quit)
        try run?.waitForExit(within: 60)
        run = nil
    }

    func drover(_ words: String..., with more: [String: String] = [:]) throws -> (status: WaitStatus, output: String) {
        let command = try DroverRun(words, variables.merging(more) { $1 })
        let status = try command.waitForExit(within: 300)
        return (status, command.lines.joined(separator: "\n"))
    }

    /// Makes a backup, and gives its id.
    func backup(_ words: String...) throws -> String {
        let deadline = Instant.within(60)
        while true {
            let command = try DroverRun(["backup", "now", "--json"] + words, variables)
            let status = try command.waitForExit(within: 120)
            let text = command.lines.joined(separator: "\n")
            if status == .exited(0), let id = try JSONParser.parse(Array(text.utf8))["id"]?.text { return id }
            // The child has only now been started.
            guard text.contains("is being started"), Instant.now() < deadline else {
                throw TestFailure("\(status): \(text)")
            }
        }
    }

    /// Of all files of all backups but the results of tests.
    func sums() throws -> String {
        try shell(
            "cd '\(backups)' && find . -type f ! -name test.json ! -name lock | sort | xargs sha256sum && find . | sort"
        )
        .replacingOccurrences(of: #"(?m)^\./[^/]*/test\.json\n"#, with: "", options: .regularExpression)
    }

    func result(_ id: String) throws -> JSONValue {
        try JSONParser.parse(readFile("\(backups)/\(id)/test.json", limit: 1 << 16))
    }

    /// The child that makes backups.
    func servicePID() throws -> Int32 {
        try child(of: #require(run).pid, "backup\0serve")
    }

    /// Waits until the guest under test runs.
    ///
    /// - Parameter pid: of what has started the second drover.
    /// - Returns: the pid of its QEMU.
    func waitForTest(by pid: Int32) throws -> Int32 {
        let deadline = Instant.within(60)
        while Instant.now() < deadline {
            if let second = try? child(of: pid, "drover\0run"), let qemu = try? child(of: second, "qemu-system") {
                return qemu
            }
            sched_yield()
        }
        throw TestFailure("no second guest has been started:\n\(run?.lines.joined(separator: "\n") ?? "")")
    }
}
