import Foundation
import Linux
import Machine
import TestSupport

@testable import Seed

/// A folder of secret files, removed afterwards, and what is made of them.
final class SeedFolder {
    private let folder: TemporaryFolder
    var path: String { folder.path }

    static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me@example"

    init() throws {
        folder = try TemporaryFolder()
    }

    func write(_ name: String, _ contents: [UInt8], mode: Int = 0o600) throws {
        try folder.file(name, contents, mode: mode)
    }

    func write(_ name: String, _ text: String, mode: Int = 0o600) throws {
        try write(name, Array(text.utf8), mode: mode)
    }

    private static let variables = [
        "root": "ROOT_PASSWORD_FILE", "user": "AGENTS_PASSWORD_FILE", "keys": "AUTHORIZED_KEYS_FILE",
        "user-data": "USER_DATA_FILE", "network": "NETWORK_CONFIG_FILE",
    ]

    /// Reads the files that are there: `root`, `user`, `keys`, `user-data` and `network`.
    func read(_ more: [String: String] = [:]) throws -> (inputs: SeedInputs?, finding: SeedFinding) {
        var environment = more
        for name in try FileManager.default.contentsOfDirectory(atPath: path) {
            if let variable = Self.variables[name] { environment[variable] = "\(path)/\(name)" }
        }
        return SeedInputs.read(Configuration.parse(environment))
    }

    /// The faults of one file, without variable and path.
    func faults(of name: String) throws -> [String] {
        let start = "\(Self.variables[name] ?? ""): \"\(path)/\(name)\" "
        return try read().finding.faults.map { fault in
            fault.description.hasPrefix(start) ? String(fault.description.dropFirst(start.count)) : fault.description
        }
    }
}
