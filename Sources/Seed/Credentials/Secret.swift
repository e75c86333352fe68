import Basics
import Linux

/// A password. It is in memory that is zeroed after use, and nothing prints it.
public final class Secret {
    private let memory: SecretMemory
    private let count: Int

    /// - Parameter contents: of a file that ends in a NUL here, as its memory is one byte longer at least.
    init(_ contents: SecretFile.Contents, of file: SecretFile) throws(Fault) {
        let bytes = contents.bytes
        if bytes.contains(0) {
            throw file.fault(.configuration, "holds a NUL byte; write the password as plain text, such as UTF-8")
        }
        if bytes.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            throw file.fault(.configuration, "holds a line break; write the password as one line")
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw file.fault(.configuration, "begins with a byte order mark, which nobody types; save it without")
        }
        memory = contents.memory
        count = contents.count
    }

    /// Zeroes it before its end.
    public func erase() {
        memory.wipe(first: memory.bytes.count)
    }

    /// crypt(3) of it.
    func hash(_ setting: String) throws(Errno) -> String {
        try Crypt.hash(UnsafeRawBufferPointer(rebasing: memory.bytes.prefix(count + 1)), setting: setting)
    }

    /// A sealed file in memory with it and nothing else. Our copy is zeroed.
    func sealed(_ name: String) throws(Errno) -> Descriptor {
        var contents = Array(memory.bytes.prefix(count))
        defer { wipe(&contents) }
        return try Descriptor.sealedMemory(name, contents)
    }

    /// What `/etc/shadow` takes: SHA-512 with a random salt, which every libcrypt knows.
    func shadowHash() throws(Errno) -> String {
        let alphabet = Array("./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let salt = try randomBytes(16).map { alphabet[Int($0 & 63)] }
        return try hash("$6$" + String(decoding: salt, as: UTF8.self))
    }

    /// Whether it is what everybody tries first, in any letter case.
    func isWellKnown(beside names: [String]) -> Bool {
        let bytes = memory.bytes.prefix(count)
        return (Self.wellKnown + names).contains { word in
            word.utf8.count == count && zip(word.utf8, bytes).allSatisfy { Self.lowercased($0) == Self.lowercased($1) }
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    private static let wellKnown = [
        "root", "agents", "password", "changeme", "change-me", "change_me", "changeit", "secret", "admin", "toor",
        "demo", "guest", "user", "test", "default", "letmein", "qwerty", "12345", "123456", "1234567", "12345678",
        "123456789", "1234567890", "password1", "password123", "passw0rd", "p@ssw0rd", "root_password",
        "agents_password", "vnc", "vncpass", "your-password", "your_password", "your-password-here",
        "your_password_here",
        "example", "hurd", "gnu", "debian",
    ]
}
