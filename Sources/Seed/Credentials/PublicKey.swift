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
        guard let blob = decodeBase64(words[1].utf8) else {
            throw Problem(reason: "has a key that is not base64; copy the whole line of the .pub file")
        }
        guard let name = Self.fields(blob)?.first, name.elementsEqual(type.utf8) else {
            throw Problem(reason: "has a key that is cut off or of another type than it says; copy the .pub file again")
        }
        self.line = String(line)
    }

    /// C0, DEL, C1, and what ends a line or cannot be written in YAML.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
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

/// RFC 4648 §4, padded; nil when it is not.
func decodeBase64(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text {
        let value: UInt8
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): value = 62
        case UInt8(ascii: "/"): value = 63
        case UInt8(ascii: "="):
            padding += 1
            continue
        default: return nil
        }
        guard padding == 0 else { return nil }
        bits = bits << 6 | UInt32(value)
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
    }
    return padding <= 2 ? bytes : nil
}
