import Basics

// What the guest gets on its seed.
extension Variable {
    private static let passwordRefusals = """
        a file that is empty, larger than \(Configuration.GuestSettings.longestPassword.text) (the most crypt(3) takes), or not a regular file; NUL and line \
        breaks, except one at the end; a well-known password unless ALLOW_WEAK_PASSWORDS
        """

    private static let documentRefusals =
        "a file that is missing, empty or larger than \(Configuration.GuestSettings.largestDocument.text)"

    static let guest = [
        Variable(
            "ROOT_PASSWORD_FILE", .guest, { $0.guest.rootPasswordFile }, { $0.guest.rootPasswordFile = $1 }, .path(),
            "File with root's password. When it is not set, the default is read if it is there.",
            refused: "a file that is missing when the variable is set; " + passwordRefusals),
        Variable(
            "AGENTS_PASSWORD_FILE", .guest, { $0.guest.userPasswordFile }, { $0.guest.userPasswordFile = $1 }, .path(),
            "File with the password of GUEST_USER. When it is not set, the default is read if it is there.",
            refused: "as ROOT_PASSWORD_FILE"),
        Variable(
            "AUTHORIZED_KEYS_FILE", .guest, { $0.guest.authorizedKeysFile }, { $0.guest.authorizedKeysFile = $1 },
            .path(),
            """
            File with SSH public keys for root and GUEST_USER, as in OpenSSH's authorized_keys. When it is not set, \
            the default is read if it is there.
            """,
            refused:
                "a file that is missing when the variable is set, is larger than \(Configuration.GuestSettings.largestKeys.text), or has a line that is not a key"
        ),
        Variable(
            "ALLOW_WEAK_PASSWORDS", .guest, { $0.guest.weakPasswordsAllowed }, { $0.guest.weakPasswordsAllowed = $1 },
            .boolean,
            "Accept well-known passwords too, such as password or changeme."),
        Variable(
            "GUEST_USER", .guest, { $0.guest.user }, { $0.guest.user = $1 }, .loginName,
            "The unprivileged user. The guest creates it when it has a password or when there are keys."),
        Variable(
            "GUEST_HOSTNAME", .guest, { $0.guest.hostname }, { $0.guest.hostname = $1 }, .hostName,
            "The guest's host name."),
        Variable(
            "SEED", .guest, { $0.guest.seed }, { $0.guest.seed = $1 }, .choice,
            """
            The seed: a CD that brings the guest its credentials. auto: when there is a password, a key, USER_DATA_FILE or \
            NETWORK_CONFIG_FILE; off: never, and no secret is read.
            """),
        Variable(
            "USER_DATA_FILE", .guest, { $0.guest.userDataFile }, { $0.guest.userDataFile = $1 }, .path(),
            orElse: "none",
            "Your own cloud-config, for guests with cloud-init: delivered as vendor-data, so what Drover sets wins.",
            refused: documentRefusals),
        Variable(
            "NETWORK_CONFIG_FILE", .guest, { $0.guest.networkConfigFile }, { $0.guest.networkConfigFile = $1 }, .path(),
            orElse: "none", "Network configuration for guests with cloud-init.",
            refused: documentRefusals),
    ]
}

extension ValueSyntax where Value == String {
    /// What useradd and busybox's adduser both take.
    fileprivate static var loginName: ValueSyntax<String> {
        ValueSyntax("NAME", range: "a-z, 0-9, _ and -, at most 32 characters, not root") { text throws(Rejection) in
            let remedy = "write a-z, 0-9, _ and -, starting with a letter or _, at most 32 characters"
            let good = text.utf8.enumerated().allSatisfy { index, byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): index > 0
                default: false
                }
            }
            guard good, text.utf8.count <= 32 else { throw Rejection(text, "is not a login name; \(remedy)") }
            guard text != "root" else {
                throw Rejection(text, "is not an unprivileged user; name another, or use ROOT_PASSWORD_FILE alone")
            }
            return text
        } show: {
            $0
        }
    }

    /// RFC 1123, and 64 characters in all, which is Linux's limit.
    fileprivate static var hostName: ValueSyntax<String> {
        ValueSyntax("NAME", range: "labels of letters, digits and -, at most 64 characters in all") {
            text throws(Rejection) in
            let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            let good = labels.allSatisfy { label in
                let isOfLettersAndDigits = label.allSatisfy { byte in
                    byte.isDigit || byte == UInt8(ascii: "-") || (0x61...0x7A).contains(byte | 0x20)
                }
                let dash = UInt8(ascii: "-")
                return isOfLettersAndDigits && !label.isEmpty && label.count <= 63 && label.first != dash
                    && label.last != dash
            }
            guard good, text.utf8.count <= 64 else {
                throw Rejection(
                    text, "is not a host name (RFC 1123); write letters, digits and - between dots, at most 64 in all")
            }
            return text
        } show: {
            $0
        }
    }
}
