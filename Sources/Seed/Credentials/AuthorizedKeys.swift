import Basics
import Machine

/// The lines of an `authorized_keys` file, each of which has been checked.
public struct AuthorizedKeys: Equatable, Sendable {
    /// What continues the name of the file, such as `line 3 is not an SSH public key; …`. The line itself is not
    /// repeated, for it may be a secret.
    public struct Problem: Error, Equatable, Sendable {
        public let reason: String
    }

    /// Without blank lines and comments; one at least.
    public let lines: [String]

    public init(_ text: String) throws(Problem) {
        guard text.unicodeScalars.first?.value != 0xFEFF else {
            throw Problem(reason: "begins with a byte order mark, which is no part of a key; save it without")
        }
        var keys: [String] = []
        for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = Substring(line).trimmed
            if line.isEmpty || line.utf8.first == UInt8(ascii: "#") { continue }
            do throws(PublicKey.Problem) {
                keys.append(try PublicKey(line).line)
            } catch {
                throw Problem(reason: "line \(index + 1) \(error.reason)")
            }
        }
        guard !keys.isEmpty else { throw Problem(reason: "holds no key; add one or remove the file") }
        lines = keys
    }
}
