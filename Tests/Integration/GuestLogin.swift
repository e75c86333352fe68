import Foundation
import Glibc
import Linux
import Testing

/// SSH into a guest through the forwarded port, with nothing of the machine's own SSH configuration.
struct GuestLogin {
    let port: UInt16
    let workspace: Workspace

    private static let options = [
        "-F /dev/null", "-o StrictHostKeyChecking=no", "-o UserKnownHostsFile=/dev/null", "-o LogLevel=ERROR",
        "-o ConnectTimeout=60", "-o NumberOfPasswordPrompts=1",
    ].joined(separator: " ")

    /// What the command printed, standard error included.
    func byKey(_ key: String, _ user: String, _ command: String = "id -un") throws -> String {
        try shell(
            "ssh \(Self.options) -o BatchMode=yes -o IdentitiesOnly=yes -i '\(key)' -p \(port) \(user)@127.0.0.1 "
                + "'\(command)' 2>&1", within: 180)
    }

    func byPassword(_ password: String, _ user: String, _ command: String = "id -un") throws -> String {
        let file = "\(workspace.path)/typed"
        try password.write(toFile: file, atomically: true, encoding: .utf8)
        return try shell(
            "sshpass -f '\(file)' ssh \(Self.options) -o PubkeyAuthentication=no -p \(port) \(user)@127.0.0.1 "
                + "'\(command)' 2>&1", within: 180)
    }

    /// Whether the guest answered, and said no: neither a login nor a failure to connect.
    func isRefused(_ login: () throws -> String) -> Bool {
        do {
            let output = try login()
            Issue.record("logged in: \(output)")
            return false
        } catch let failure as ShellFailure {
            // ssh says it itself; sshpass reports a refused password by 5.
            if failure.status == .exited(5) || failure.output.contains("Permission denied") { return true }
            Issue.record("\(failure)")
            return false
        } catch {
            Issue.record("\(error)")
            return false
        }
    }

    /// The guest's public host key, asked for until it answers.
    func hostKey() throws -> String {
        let scan = "ssh-keyscan -T 20 -t ed25519 -p \(port) 127.0.0.1 2>/dev/null | grep -v '^#' | cut -d ' ' -f 2-"
        return try shell(
            "for i in 1 2 3 4 5 6; do k=$(\(scan)); [ -n \"$k\" ] && break; sleep 2; done; echo \"$k\"", within: 180)
    }

    /// A port of loopback that nobody has now.
    static func freePort() throws -> UInt16 {
        let socket = Descriptor(
            owning: try retryingInterrupts { Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) })
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            _ = try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                try retryingInterrupts { bind(socket.rawValue, address, length) }
                try retryingInterrupts { getsockname(socket.rawValue, address, &length) }
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
