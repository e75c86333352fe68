import Basics

/// A line of OpenSSH's `authorized_keys`: options, type, key and comment (sshd(8)).
struct PublicKey {
    /// Why a line is none; what continues `line 3 `. The line itself is not repeated, for it may be a secret.
    struct Problem: Error, Equatable {
        let reason: String
    }

    static let types = [
        "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
    ]

    /// Without white space around it.
    let line: String

    init(_ line: Substring) throws(Problem) {
        guard !line.unicodeScalars.contains(where: Self.isForbidden) else {
            throw Problem(reason: "holds a control character; remove it")
        }
        if line.hasPrefix("-----BEGIN") || line.hasPrefix("PuTTY-User-Key-File") {
            throw Problem(reason: "begins a private key, which belongs to nobody else; give the public key (.pub)")
        }
        if line.hasPrefix("---- BEGIN") {
            throw Problem(reason: "begins a key in another form; convert it by ssh-keygen -i -f FILE")
        }
        var words = Self.words(line)
        if let first = words.first, !Self.types.contains(first) { words.removeFirst() }
        guard let type = words.first, Self.types.contains(type), words.count >= 2 else {
            throw Problem(
                reason: "is not an SSH public key; write [OPTIONS] TYPE KEY [COMMENT], with one of the types "
                    + Self.types.joined(separator: ", "))
        }
        guard let blob = Base64.decode(words[1].utf8) else {
            throw Problem(reason: "has a key that is not base64; copy the whole line of the .pub file")
        }
        guard let name = Self.fields(blob)?.first, name.elementsEqual(type.utf8) else {
            throw Problem(reason: "has a key that is cut off or of another type than it says; copy the .pub file again")
        }
        // The rest is a comment, and no comment has a key.
        guard !zip(words.dropFirst(2), words.dropFirst(3)).contains(where: Self.isKey) else {
            throw Problem(reason: "holds two keys; begin a new line before the second")
        }
        self.line = String(line)
    }

    /// The comment of the first key may stand right before the type of the second.
    private static func isKey(_ type: String, _ key: String) -> Bool {
        key.hasPrefix("AAAA") && types.contains { type.hasSuffix($0) }
    }

    /// What is not safe to show, except a tab, and what cannot be written in YAML.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0xFEFF, 0xFFFE, 0xFFFF: true
        default: !scalar.isSafeToShow
        }
    }

    /// Split at white space outside of double quotes, in which a backslash escapes one, as options may have them.
    private static func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        var isEscaped = false
        for scalar in line.unicodeScalars {
            if scalar == "\"", !isEscaped { isQuoted.toggle() }
            isEscaped = scalar == "\\" && !isEscaped
            if !isQuoted, scalar == " " || scalar == "\t" {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.unicodeScalars.append(scalar)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// The strings of a key, each after its length in four bytes (RFC 4251 §5); nil unless they fill it.
    private static func fields(_ blob: [UInt8]) -> [ArraySlice<UInt8>]? {
        var fields: [ArraySlice<UInt8>] = []
        var rest = blob[...]
        while !rest.isEmpty {
            guard rest.count >= 4 else { return nil }
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return nil }
            fields.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return fields.count >= 2 ? fields : nil
    }
}
