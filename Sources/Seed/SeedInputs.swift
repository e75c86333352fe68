import Linux
import Machine

/// What the owner has given for the guest's seed, read and checked.
public struct SeedInputs {
    var rootPassword: Secret?
    var userPassword: Secret?
    /// Lines of `authorized_keys`.
    var keys: [String] = []
    var vendorData: [UInt8]?
    var networkConfig: [UInt8]?
    let user: String
    let hostname: String

    var hasPassword: Bool { rootPassword != nil || userPassword != nil }
    var hasCredentials: Bool { hasPassword || !keys.isEmpty }
    /// Nobody is made who could not log in.
    var makesUser: Bool { userPassword != nil || !keys.isEmpty }

    private init(_ configuration: Configuration) {
        user = configuration.guestUser
        hostname = configuration.guestHostname
    }

    /// Zeroes the passwords.
    public func erase() {
        rootPassword?.erase()
        userPassword?.erase()
    }

    /// Reads every file, finds every fault. Without `SEED` nothing is read.
    ///
    /// - Returns: nil inputs when the guest gets no seed.
    public static func read(
        _ parsed: ParsedConfiguration, for process: ProcessIdentity = .current()
    ) -> (inputs: SeedInputs?, finding: SeedFinding) {
        let configuration = parsed.configuration
        var finding = SeedFinding()
        guard configuration.seed != .off else {
            finding.summary = "no seed: SEED is off"
            return (nil, finding)
        }
        var reader = Reader(parsed: parsed, process: process)
        reader.forbidDumps()
        var inputs = SeedInputs(configuration)
        inputs.rootPassword = reader.password("ROOT_PASSWORD_FILE", configuration.rootPasswordFile)
        inputs.userPassword = reader.password("AGENTS_PASSWORD_FILE", configuration.userPasswordFile)
        inputs.keys = reader.keys("AUTHORIZED_KEYS_FILE", configuration.authorizedKeysFile)
        inputs.vendorData = configuration.userDataFile.flatMap { reader.document("USER_DATA_FILE", $0) }
        inputs.networkConfig = configuration.networkConfigFile.flatMap { reader.document("NETWORK_CONFIG_FILE", $0) }
        finding.warnings = reader.warnings
        finding.faults = reader.faults
        finding.isPresent =
            configuration.seed == .on || inputs.hasCredentials || inputs.vendorData != nil
            || inputs.networkConfig != nil
        finding.summary =
            finding.isPresent ? "seed: \(inputs.summary)" : "no seed: there is neither a password nor a key"
        return (finding.isPresent ? inputs : nil, finding)
    }

    /// Which credentials, never what they are.
    private var summary: String {
        var parts: [String] = []
        if rootPassword != nil { parts.append("password of root") }
        if userPassword != nil { parts.append("password of \(user)") }
        if !keys.isEmpty { parts.append(keys.count == 1 ? "1 key" : "\(keys.count) keys") }
        if !hasCredentials { parts.append("no credentials") }
        if vendorData != nil { parts.append("vendor-data") }
        if networkConfig != nil { parts.append("network-config") }
        return (parts + ["host name \(hostname)"]).joined(separator: ", ")
    }
}

/// Reads one file after the other and keeps what is wrong with them.
private struct Reader {
    let parsed: ParsedConfiguration
    let process: ProcessIdentity
    var warnings: [String] = []
    var faults: [Fault] = []

    mutating func forbidDumps() {
        do throws(Errno) {
            try forbidCoreDumps()
        } catch {
            warnings.append("core dumps cannot be switched off: \(error)")
        }
    }

    mutating func password(_ variable: String, _ path: String) -> Secret? {
        let file = SecretFile(
            variable: variable, path: path, isNamedByOwner: parsed.origins[variable] == .set, limit: Crypt.longestKey,
            limitText: "\(Crypt.longestKey) bytes", unwantedPermissions: 0o006)
        let configuration = parsed.configuration
        return attempt(file) { (contents) throws(Fault) in
            let secret = try Secret(contents, of: file)
            if !configuration.weakPasswordsAllowed,
                secret.isWellKnown(beside: [configuration.guestUser, configuration.guestHostname])
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
            variable: variable, path: path, isNamedByOwner: parsed.origins[variable] == .set, limit: 64 << 10,
            limitText: "64 KiB", unwantedPermissions: 0o002)
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

    mutating func document(_ variable: String, _ path: String) -> [UInt8]? {
        let file = SecretFile(
            variable: variable, path: path, isNamedByOwner: true, limit: 256 << 10, limitText: "256 KiB",
            unwantedPermissions: 0o002)
        return attempt(file) { (contents) throws(Fault) in Array(contents.bytes) + [UInt8(ascii: "\n")] }
    }

    private mutating func attempt<Value>(
        _ file: SecretFile, _ use: (SecretFile.Contents) throws(Fault) -> Value
    ) -> Value? {
        // A refused path has its default in the configuration, which nobody has asked about.
        if parsed.faults.contains(where: { $0.message.hasPrefix("\(file.variable): ") }) { return nil }
        do throws(Fault) {
            guard let contents = try file.read(for: process) else { return nil }
            let value = try use(contents)
            warnings += [contents.warning].compactMap { $0 }
            return value
        } catch {
            faults.append(error)
            return nil
        }
    }
}
