import Foundation
import TestSupport

/// What a user has after `git clone`, as far as it is needed to start a guest, with a project name and ports of a test's own.
final class Clone {
    let workspace: Workspace
    let login: GuestLogin
    /// What Compose calls it by.
    let project = "test-\(UUID().uuidString.prefix(8).lowercased())"
    var path: String { "\(workspace.path)/clone" }
    /// Whose engine it has.
    private let node: Int

    init(_ lines: [String] = [], on node: Int = 1) throws {
        self.node = node
        // The engine sees the repository, and nothing else of this machine.
        workspace = try Workspace(isOpen: false)
        let host = node == 1 ? "127.0.0.1" : Engine.address(of: node)
        login = GuestLogin(host: host, port: try Listener.freePort(), workspace: workspace)
        try shell(
            """
            mkdir '\(path)' && cd '\(repository)' && cp -r scripts compose secrets README.md '\(path)' &&
              cp -r --parents Sources/Seed/Kit '\(path)'
            """)
        try add(
            [
                "COMPOSE_PROJECT_NAME=\(project)", "SSH_ADDRESS=\(host)", "SSH_PORT=\(login.port)",
                "HTTP_PORT=\(try Listener.freePort())",
                "QEMU_RAM=256", "MEMORY=900m", "CPUS=1",
            ] + lines)
    }

    /// To `compose/.env`.
    func add(_ lines: [String]) throws {
        try shell("cat >>'\(path)/compose/.env' <<'EOT'\n\(lines.joined(separator: "\n"))\nEOT")
    }

    /// What a user types in the folder `folder`, and what both outputs show.
    @discardableResult
    func type(_ command: String, in folder: String = ".", within seconds: Int = 300) throws -> String {
        let line = "cd '\(path)/\(folder)' && { \(command); } 2>&1"
        guard node > 1 else {
            return try shell("PATH=\"$(dirname '\(Engine.client)'):$PATH\" && export PATH && \(line)", within: seconds)
        }
        let script = "\(workspace.path)/typed-\(UUID().uuidString)"
        try line.write(toFile: script, atomically: true, encoding: .utf8)
        return try Engine.run("bash '\(script)'", on: node, within: seconds)
    }

    @discardableResult
    func compose(_ arguments: String, within seconds: Int = 300) throws -> String {
        try type("docker compose --progress quiet \(arguments)", in: "compose", within: seconds)
    }

    var container: Container {
        get throws { Container(id: try compose("ps --all --quiet hurd").trimmingNewline()) }
    }

    func secret(_ name: String, in folder: String = "secrets") throws -> String {
        try text(of: "\(path)/\(folder)/\(name)").trimmingNewline()
    }

    deinit {
        _ = try? compose("down --volumes --timeout 0")
    }
}
