import Basics
import Linux
import Machine

/// Reads one file after the other and keeps what is wrong with them.
struct SecretReader {
    let parsed: ParsedConfiguration
    let process: ProcessIdentity
    private(set) var warnings: [String] = []
    private(set) var faults: [Fault] = []
    /// A file was not read, or refused.
    private(set) var isIncomplete = false

    mutating func password(
        _ variable: String, _ path: String, limit: SizeLimit = Configuration.GuestSettings.longestPassword
    ) -> Secret? {
        let file = SecretFile(
            variable: variable, path: path, isNamedByOwner: parsed.origins[variable] == .set, limit: limit,
            unwantedPermissions: 0o006)
        let configuration = parsed.configuration
        return attempt(file) { (contents) throws(Fault) in
            let secret = try Secret(contents, of: file)
            if !configuration.guest.weakPasswordsAllowed,
                secret.isWellKnown(beside: [configuration.guest.user, configuration.guest.hostname])
            {
                throw file.fault(
                    .configuration,
                    "holds a well-known password; choose another, or set ALLOW_WEAK_PASSWORDS=1 where nobody can get at it"
                )
            }
            return secret
        }
    }

    mutating func keys(_ variable: String, _ path: String) -> [String] {
        let file = SecretFile(
            variable: variable, path: path, isNamedByOwner: parsed.origins[variable] == .set,
            limit: Configuration.GuestSettings.largestKeys, unwantedPermissions: 0o002)
        let keys = attempt(file) { (contents) throws(Fault) in
            do throws(AuthorizedKeys.Problem) {
                // Invalid UTF-8 becomes U+FFFD, which only a comment can hold.
                return try AuthorizedKeys(String(decoding: contents.bytes, as: UTF8.self)).lines
            } catch {
                throw file.fault(.configuration, error.reason)
            }
        }
        return keys ?? []
    }

    /// - Parameter objection: what makes the document useless; nil when nothing does.
    mutating func document(
        _ variable: String, _ path: String, _ objection: (UnsafeRawBufferPointer) -> String?
    ) -> [UInt8]? {
        let file = SecretFile(
            variable: variable, path: path, isNamedByOwner: true, limit: Configuration.GuestSettings.largestDocument,
            unwantedPermissions: 0o002)
        return attempt(file) { (contents) throws(Fault) in
            if let reason = objection(contents.bytes) { throw file.fault(.configuration, reason) }
            return Array(contents.bytes) + [UInt8(ascii: "\n")]
        }
    }

    private mutating func attempt<Value>(
        _ file: SecretFile, _ use: (SecretFile.Contents) throws(Fault) -> Value
    ) -> Value? {
        // A refused path has its default in the configuration, which nobody has asked about.
        if parsed.faults.contains(where: { $0.source == file.variable }) {
            isIncomplete = true
            return nil
        }
        do throws(Fault) {
            guard let contents = try file.read(for: process) else { return nil }
            let value = try use(contents)
            warnings += [contents.warning].compactMap { $0 }
            return value
        } catch {
            faults.append(error)
            isIncomplete = true
            return nil
        }
    }
}
