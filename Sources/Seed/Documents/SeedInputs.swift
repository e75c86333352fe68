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
        user = configuration.guest.user
        hostname = configuration.guest.hostname
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
        guard configuration.guest.seed != .off else {
            finding.summary = "no seed: SEED is off"
            return (nil, finding)
        }
        var reader = SecretReader(parsed: parsed, process: process)
        var inputs = SeedInputs(configuration)
        inputs.rootPassword = reader.password("ROOT_PASSWORD_FILE", configuration.guest.rootPasswordFile)
        inputs.userPassword = reader.password("AGENTS_PASSWORD_FILE", configuration.guest.userPasswordFile)
        inputs.keys = reader.keys("AUTHORIZED_KEYS_FILE", configuration.guest.authorizedKeysFile)
        inputs.vendorData = configuration.guest.userDataFile.flatMap {
            reader.document("USER_DATA_FILE", $0) { CloudInitDocument.userDataObjection($0) }
        }
        inputs.networkConfig = configuration.guest.networkConfigFile.flatMap {
            reader.document("NETWORK_CONFIG_FILE", $0) { CloudInitDocument.encodingObjection($0) }
        }
        finding.warnings = reader.warnings
        finding.faults = reader.faults
        finding.isPresent =
            configuration.guest.seed == .on || inputs.hasCredentials || inputs.vendorData != nil
            || inputs.networkConfig != nil
        // What could not be read may be a password or a key.
        if !reader.isIncomplete {
            finding.summary =
                finding.isPresent ? "seed: \(inputs.summary)" : "no seed: there is neither a password nor a key"
        }
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
