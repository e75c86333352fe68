import Foundation
import TestSupport
import Testing

/// `compose/compose.yaml`, with overlays, as a project of a test's own: the guest micro, secrets of its own, ports of
/// loopback.
final class ComposeProject {
    let workspace: Workspace
    let credentials: Credentials
    let login: GuestLogin
    let disk: String
    private let files: String
    private let name = "test-\(UUID().uuidString.prefix(8).lowercased())"

    /// What opens the screen, with the overlay `vnc.yaml`.
    let vncPassword = String(UUID().uuidString.lowercased().suffix(7)) + "!"

    /// - Parameters:
    ///   - owner: who the disk and the secrets belong to, `uid:gid`.
    ///   - overlays: files of `compose/`.
    init(owner: String = "10001:10001", overlays: [String] = [], _ settings: [String: String] = [:]) throws {
        // The engine sees the repository, and nothing else of this machine.
        workspace = try Workspace(isOpen: false)
        credentials = try Credentials(workspace)
        login = GuestLogin(port: try Listener.freePort(), workspace: workspace)
        let path = workspace.path
        disk = "\(path)/disk/micro.qcow2"
        files = composeFiles(["compose.yaml"] + overlays)
        try shell(
            """
            set -e; cd '\(path)'; mkdir disk secrets
            mv '\(workspace.disk(.micro))' '\(disk)'
            cp root secrets/root_password; cp user secrets/agents_password; cp keys secrets/authorized_keys
            echo '\(vncPassword)' >secrets/vnc_password
            chmod 600 secrets/*; chown -R '\(owner)' disk secrets
            """)
        let all = [
            "DISK_DIR": "\(path)/disk", "DISK_FILE": "micro.qcow2", "SECRETS_DIR": "\(path)/secrets",
            "SSH_PORT": "\(login.port)", "HTTP_PORT": "\(try Listener.freePort())",
            "QEMU_RAM": "256", "MEMORY": "900m", "CPUS": "1",
        ].merging(settings) { $1 }
        try all.map { "\($0)=\($1)\n" }.joined().write(toFile: "\(path)/env", atomically: true, encoding: .utf8)
    }

    @discardableResult
    func compose(_ arguments: String, within seconds: Int = 180) throws -> String {
        try Engine.docker(
            "compose --progress quiet --project-name \(name) --env-file '\(workspace.path)/env' "
                + "\(files) \(arguments)", within: seconds)
    }

    /// Starts it with the image that is there.
    func up() throws -> Container {
        try compose("up --detach --no-build")
        return Container(id: try compose("ps --all --quiet").trimmingNewline())
    }

    deinit {
        _ = try? compose("down --volumes --timeout 0")
    }
}

/// The arguments of Compose for files of `compose/`.
func composeFiles(_ names: [String]) -> String {
    names.map { "--file '\(repository)/compose/\($0)'" }.joined(separator: " ")
}
