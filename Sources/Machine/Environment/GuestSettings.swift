import Basics
import Linux

extension Configuration {
    public enum Seed: String, CaseIterable, Sendable { case auto, on, off }

    /// What the guest gets on its seed. What the files hold is a secret, or none of a log's business: only paths are shown.
    public struct GuestSettings: Equatable, Sendable {
        public var rootPasswordFile = "/run/secrets/root_password"
        public var userPasswordFile = "/run/secrets/agents_password"
        public var authorizedKeysFile = "/run/secrets/authorized_keys"
        public var weakPasswordsAllowed = false
        public var user = "agents"
        public var hostname = "hurd"
        public var seed = Seed.auto
        public var userDataFile: String?
        public var networkConfigFile: String?

        public static let longestPassword = SizeLimit(bytes: Crypt.longestKey)
        public static let largestKeys = SizeLimit(bytes: 64 << 10)
        public static let largestDocument = SizeLimit(bytes: 256 << 10)
    }
}
