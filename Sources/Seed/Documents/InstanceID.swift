import Linux

/// The name by which a guest tells that its seed has changed: a function of what is in it, so that a restart changes
/// nothing and another password, key or document is applied.
///
/// Whoever reads it, as every user of the guest can, may try passwords against it. One guess costs eight times what one
/// against the shadow hash costs; the salt is fixed, as it has to be.
enum InstanceID {
    /// A new number makes every guest apply its seed again, and make new SSH host keys.
    private static let version = "1"
    private static let salt = "drover-instance"
    /// crypt(3) has 5,000 without being asked.
    private static let rounds = 40_000

    static func make(_ inputs: SeedInputs) throws(Errno) -> String {
        // Each part has a fixed length or an alphabet without the colon. Passwords go through crypt(3) on their own,
        // whose key must not be longer than 511 bytes.
        let parts = [
            version, try digest(inputs.rootPassword), try digest(inputs.userPassword), inputs.user, inputs.hostname,
            fingerprint(Array(inputs.keys.joined(separator: "\n").utf8)), fingerprint(inputs.vendorData),
            fingerprint(inputs.networkConfig),
        ]
        var key = Array(parts.joined(separator: ":").utf8) + [0]
        defer { wipe(&key) }
        let hash = try hash(key, rounds: rounds)
        // 16 of crypt's characters hold 96 bits; some of them are not for an identifier.
        return "drover-" + hash.utf8.suffix(86).prefix(16).map(hexadecimal).joined()
    }

    /// Of a secret, for the key of the slow hash.
    private static func digest(_ secret: Secret?) throws(Errno) -> String {
        guard let secret else { return "" }
        return String(try secret.hash("$6$rounds=1000$\(salt)").suffix(86))
    }

    private static func hash(_ key: [UInt8], rounds: Int) throws(Errno) -> String {
        var failure: Errno?
        let result = key.withUnsafeBytes { bytes -> String in
            do throws(Errno) {
                return try Crypt.hash(bytes, setting: "$6$rounds=\(rounds)$\(salt)")
            } catch {
                failure = error
                return ""
            }
        }
        if let failure { throw failure }
        return result
    }

    /// FNV-1a: tells one document of the owner's from the next one, which is all that is asked.
    private static func fingerprint(_ bytes: [UInt8]?) -> String {
        guard let bytes, !bytes.isEmpty else { return "" }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
