import Foundation
import Linux
import TestSupport
import Testing

/// The screen over VNC, in a network of the run's own.
@Suite struct VNCTests {
    private let workspace: Workspace
    private let password = String(UUID().uuidString.lowercased().suffix(7)) + "!"

    init() throws {
        workspace = try Workspace()
    }

    private func start(_ more: [String: String] = [:]) throws -> DroverRun {
        try write(password + "\n", to: "vnc_password")
        let credentials = try Credentials(workspace).variables(only: ["root"])
        let variables = try workspace.variables(
            disk: workspace.disk(.micro), ["ENABLE_VNC": "1"].merging(credentials) { $1 }.merging(more) { $1 })
        let run = try DroverRun(["run"], variables, by: DroverRun.inOwnNetwork)
        try run.wait(for: "drover: the guest runs", within: 60)
        return run
    }

    private func write(_ text: String, to name: String) throws {
        try text.write(toFile: "\(workspace.path)/\(name)", atomically: true, encoding: .utf8)
        try shell("chmod 600 '\(workspace.path)/\(name)'")
    }

    /// What runs in the network of `run`.
    private func inside(_ run: DroverRun, _ command: String) throws -> String {
        try shell("nsenter --net=/proc/\(run.pid)/ns/net \(command)")
    }

    private func snapshot(_ run: DroverRun, _ password: String) throws -> String {
        try VNCViewer(workspace: workspace, prefix: "nsenter --net=/proc/\(run.pid)/ns/net").snapshot(password)
    }

    @Test func thePasswordOpensTheScreenAndIsNowhere() throws {
        let run = try start(["VNC_PASSWORD_FILE": "\(workspace.path)/vnc_password"])
        #expect(run.lines.contains { $0.contains("publish it on 127.0.0.1 alone") }, "\(run.lines)")
        #expect(try inside(run, "ss -Hltn").contains("0.0.0.0:5900 "))

        let failure = try shellFailure { try snapshot(run, "wrong") }
        #expect(failure.output.contains("VNC authentication failed"), "\(failure)")
        #expect(!FileManager.default.fileExists(atPath: "\(workspace.path)/screen.jpg"))

        let output = try snapshot(run, password)
        #expect(output.contains("VNC authentication succeeded"), "\(output)")
        #expect(try VNCViewer(workspace: workspace).hasPicture)

        let scan = LeakScan(secrets: [password])
        #expect(try scan.findings(run, runtimeDirectory: "\(workspace.path)/run") == [])
        #expect(try scan.findings(inMemoryOf: run.pid) == [])
        // The scan can see: QEMU has to know it.
        #expect(try scan.findings(inMemoryOf: run.qemuPID()) != [])
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func withoutAPasswordThereIsASocketAndNoPort() throws {
        let run = try start()
        #expect(try inside(run, "ss -Hltn") == "")
        #expect(try FileStatus(of: "\(workspace.path)/run/vnc.sock").kind == .socket)
        try run.signal(.quit)
        try run.waitForExit(within: 30)
    }

    @Test func aPortThatIsTakenIsNamed() throws {
        let first = try start(["VNC_PASSWORD_FILE": "\(workspace.path)/vnc_password"])
        let other = try Workspace()
        let variables = try other.variables(
            disk: other.disk(.micro), ["ENABLE_VNC": "1", "VNC_PASSWORD_FILE": "\(workspace.path)/vnc_password"])
        let assignments = variables.map { "\($0)=\(shellQuoted($1))" }.joined(separator: " ")
        let output = try inside(
            first, "env -i PATH=/usr/bin \(assignments) '\(DroverRun.binary)' run 2>&1 || echo \"code $?\"")
        #expect(output.contains("code 75"), "\(output)")
        #expect(output.contains("another process listens on VNC's port 5900"), "\(output)")
        try first.signal(.quit)
        try first.waitForExit(within: 30)
    }
}
