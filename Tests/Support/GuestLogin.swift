import Foundation
import Linux

/// SSH into a guest through a forwarded port, with nothing of the machine's own SSH configuration.
package struct GuestLogin {
    package let host: String
    package let port: UInt16
    package let workspace: Workspace

    package init(host: String = "127.0.0.1", port: UInt16, workspace: Workspace) {
        self.host = host
        self.port = port
        self.workspace = workspace
    }

    private static let options = [
        "-F /dev/null", "-o StrictHostKeyChecking=no", "-o UserKnownHostsFile=/dev/null", "-o LogLevel=ERROR",
        "-o ConnectTimeout=60", "-o NumberOfPasswordPrompts=1",
    ].joined(separator: " ")

    /// What the command printed, standard error included.
    package func byKey(_ key: String, _ user: String, _ command: String = "id -un") throws -> String {
        try shell(
            "ssh \(Self.options) -o BatchMode=yes -o IdentitiesOnly=yes -i '\(key)' -p \(port) \(user)@\(host) "
                + "'\(command)' 2>&1", within: 180)
    }

    package func byPassword(_ password: String, _ user: String, _ command: String = "id -un") throws -> String {
        let file = "\(workspace.path)/typed"
        try password.write(toFile: file, atomically: true, encoding: .utf8)
        return try shell(
            "sshpass -f '\(file)' ssh \(Self.options) -o PubkeyAuthentication=no -p \(port) \(user)@\(host) "
                + "'\(command)' 2>&1", within: 180)
    }

    /// The guest must answer, and say no: neither a login nor a failure to connect.
    package func mustRefuse(_ login: () throws -> String) throws {
        do {
            let output = try login()
            throw TestFailure("logged in, which must be refused: \(output)")
        } catch let failure as ShellFailure {
            // ssh says it itself; sshpass reports a refused password by 5.
            guard failure.status == .exited(5) || failure.output.contains("Permission denied") else { throw failure }
        }
    }

    /// The guest's public host key.
    package func hostKey() throws -> String {
        try shell(
            "ssh-keyscan -T 120 -t ed25519 -p \(port) \(host) 2>/dev/null | grep -v '^#' | cut -d ' ' -f 2-",
            within: 180)
    }
}
