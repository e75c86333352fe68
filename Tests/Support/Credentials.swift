import Foundation

/// Passwords and a key of a test's own, in files that only their owner can read.
package final class Credentials {
    package let folder: String
    package private(set) var rootPassword = ""
    package private(set) var userPassword = ""
    private var generation = 0

    package init(_ workspace: Workspace) throws {
        folder = workspace.path
        try renew()
    }

    /// The file of the private key in force.
    package var key: String { "\(folder)/key\(generation)" }

    /// Makes new ones; those before no longer count.
    package func renew() throws {
        generation += 1
        rootPassword = "root \(UUID().uuidString)"
        userPassword = "user \(UUID().uuidString)"
        try shell("ssh-keygen -q -t ed25519 -N '' -C 'ein Schlüssel' -f '\(key)'")
        for (name, text) in [("root", rootPassword), ("user", userPassword)] {
            try "\(text)\n".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
        }
        try shell("cd '\(folder)' && cp '\(key).pub' keys && chmod 600 root user")
    }

    /// The variables that name the files.
    package func variables(only names: [String] = ["root", "user", "keys"]) -> [String: String] {
        let variables = [
            "root": "ROOT_PASSWORD_FILE", "user": "AGENTS_PASSWORD_FILE", "keys": "AUTHORIZED_KEYS_FILE",
            "vendor": "USER_DATA_FILE", "network": "NETWORK_CONFIG_FILE",
        ]
        return Dictionary(uniqueKeysWithValues: names.map { (variables[$0] ?? $0, "\(folder)/\($0)") })
    }
}
