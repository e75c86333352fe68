import FoundationEssentials

/// The part of cloud-init's cloud-config that Drover uses, by cloud-init's own names. It is written as compact JSON,
/// which cloud-init reads as YAML.
struct CloudConfig: Encodable, Equatable {
    struct Passwords: Encodable, Equatable {
        struct Entry: Encodable, Equatable {
            let name: String
            let password: String
            let type = "hash"

            enum CodingKeys: String, CodingKey { case name, password, type }
        }

        let expire = false
        let users: [Entry]

        enum CodingKeys: String, CodingKey { case expire, users }
    }

    struct User: Encodable, Equatable {
        let name: String
        var groups: [String]?
        var shell: String?
        var sudo: String?
        var keys: [String]?

        enum CodingKeys: String, CodingKey {
            case name, groups, shell, sudo
            case keys = "ssh_authorized_keys"
        }
    }

    var bootCommands: [[String]]?
    var passwords: Passwords?
    var rootIsDisabled: Bool?
    var keys: [String]?
    var takesPasswordsOverSSH: Bool?
    var users: [User]?

    enum CodingKeys: String, CodingKey {
        case users
        case bootCommands = "bootcmd"
        case passwords = "chpasswd"
        case rootIsDisabled = "disable_root"
        case keys = "ssh_authorized_keys"
        case takesPasswordsOverSSH = "ssh_pwauth"
    }

    /// - Parameters:
    ///   - rootHash: nil: root gets no password.
    ///   - userHash: nil: the user gets none.
    init(_ inputs: SeedInputs, rootHash: String?, userHash: String?) {
        // Without credentials the guest is left as it is.
        guard inputs.hasCredentials else { return }
        bootCommands = [Self.preparation(user: inputs.user, rootHasPassword: rootHash != nil)]
        let hashes = [("root", rootHash), (inputs.user, userHash)]
        let entries = hashes.compactMap { name, hash in hash.map { Passwords.Entry(name: name, password: $0) } }
        if !entries.isEmpty { passwords = Passwords(users: entries) }
        rootIsDisabled = false
        keys = inputs.keys.isEmpty ? nil : inputs.keys
        takesPasswordsOverSSH = inputs.hasPassword
        // Without `default`, so that no user of the distribution's own is made; the keys above are then root's. The list
        // must not be empty, and root is there anyway.
        users = [inputs.makesUser ? Self.user(inputs, hasPassword: userHash != nil) : User(name: "root")]
    }

    /// sudo asks for a password, which the user must have.
    private static func user(_ inputs: SeedInputs, hasPassword: Bool) -> User {
        User(
            name: inputs.user, groups: ["sudo"], shell: "/bin/bash",
            sudo: hasPassword ? nil : "ALL=(ALL) NOPASSWD:ALL", keys: inputs.keys.isEmpty ? nil : inputs.keys)
    }

    /// Once for each instance-id, before users and keys: cloud-init adds keys and never takes one away, and sshd's own
    /// default refuses root's password.
    private static func preparation(user: String, rootHasPassword: Bool) -> [String] {
        let files = "/root/.ssh/authorized_keys /home/\(user)/.ssh/authorized_keys"
        let permission = rootHasPassword ? "yes" : "prohibit-password"
        let script =
            "rm -f \(files); mkdir -p /etc/ssh/sshd_config.d && "
            + "echo 'PermitRootLogin \(permission)' >/etc/ssh/sshd_config.d/10-drover.conf"
        return ["cloud-init-per", "instance", "drover", "sh", "-c", script]
    }

    /// With its header.
    func document() throws(EncodingError) -> [UInt8] {
        Array("#cloud-config\n".utf8) + (try compactJSON(self))
    }
}

/// On one line, with a line break at its end; the order of the keys does not change.
func compactJSON(_ value: some Encodable) throws(EncodingError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
    } catch let error as EncodingError {
        throw error
    } catch {
        throw EncodingError.invalidValue(value, EncodingError.Context(codingPath: [], debugDescription: "\(error)"))
    }
}
