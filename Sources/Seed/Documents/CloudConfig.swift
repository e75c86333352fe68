import JSON

/// The part of cloud-init's cloud-config that Drover uses, by cloud-init's own names. It is written as compact JSON,
/// which cloud-init reads as YAML.
struct CloudConfig: Equatable {
    struct Passwords: Equatable {
        struct Entry: Equatable {
            let name: String
            let password: String
        }

        let users: [Entry]
    }

    struct User: Equatable {
        let name: String
        var groups: [String]?
        var shell: String?
        var sudo: String?
        var keys: [String]?
    }

    var bootCommands: [[String]]?
    var passwords: Passwords?
    var rootIsDisabled: Bool?
    var keys: [String]?
    var takesPasswordsOverSSH: Bool?
    var users: [User]?

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
    var document: [UInt8] { Array("#cloud-config\n".utf8) + jsonValue.line }

    /// Members are in alphabetical order.
    private var jsonValue: JSONValue {
        [
            "bootcmd": bootCommands.map { .array($0.map(JSONValue.strings)) }, "chpasswd": passwords?.jsonValue,
            "disable_root": rootIsDisabled.map(JSONValue.boolean), "ssh_authorized_keys": keys.map(JSONValue.strings),
            "ssh_pwauth": takesPasswordsOverSSH.map(JSONValue.boolean),
            "users": users.map { .array($0.map(\.jsonValue)) },
        ]
    }
}

extension CloudConfig.Passwords {
    fileprivate var jsonValue: JSONValue {
        let users = users.map { user -> JSONValue in
            ["name": .string(user.name), "password": .string(user.password), "type": "hash"]
        }
        return ["expire": false, "users": .array(users)]
    }
}

extension CloudConfig.User {
    fileprivate var jsonValue: JSONValue {
        [
            "groups": groups.map(JSONValue.strings), "name": .string(name), "shell": shell.map(JSONValue.string),
            "ssh_authorized_keys": keys.map(JSONValue.strings), "sudo": sudo.map(JSONValue.string),
        ]
    }
}

extension JSONValue {
    /// With a line break at its end.
    var line: [UInt8] { encoded() + [UInt8(ascii: "\n")] }
}
