import Foundation
import Linux

/// A folder of a test's own, which goes with its owner.
package final class TemporaryFolder {
    package let path: String

    /// - Parameter start: of its path. That of a socket in it must fit into 107 bytes.
    package init(_ start: String = "/tmp/drover-") throws {
        path = start + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    package var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }

    /// Writes a file of `bytes` and returns its path.
    @discardableResult
    package func file(_ name: String, _ bytes: [UInt8], mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return file
    }
}
