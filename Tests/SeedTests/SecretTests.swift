import Foundation
import Linux
import Machine
import Testing

@testable import Seed

/// What a secret file may hold. The kinds of files are tested through the binary (BadSecretTests).
@Suite struct SecretTests {
    private static let wellKnown =
        "holds a well-known password; choose another, or set ALLOW_WEAK_PASSWORDS=1 where nobody can get at it"
    private static let lineBreak = "holds a line break; write the password as one line"
    private static let empty = "is empty; fill or remove it"

    static let passwords: [(contents: [UInt8], fault: String?)] = [
        (Array("correct horse".utf8), nil), (Array("correct horse\n".utf8), nil),
        (Array("correct horse\r\n".utf8), nil), (Array(" x ".utf8), nil), (Array("pässwörd \u{1F511}".utf8), nil),
        ([0xFF, 0xFE, 0x41], nil), (Array("a\tb".utf8), nil), (repeatedX(511), nil), (repeatedX(511) + [10], nil),
        (repeatedX(511) + [13, 10], nil),
        ([], empty), ([10], empty), ([13, 10], empty),
        (repeatedX(512), "is larger than 511 bytes; shorten it"),
        (repeatedX(512) + [10], "is larger than 511 bytes; shorten it"),
        (repeatedX(1 << 20), "is larger than 511 bytes; shorten it"),
        (Array("a\nb".utf8), lineBreak), (Array("a\n\n".utf8), lineBreak), (Array("\na".utf8), lineBreak),
        (Array("a\rb".utf8), lineBreak), (Array("a\r".utf8), lineBreak), (Array("a\n\r\n".utf8), lineBreak),
        ([0x61, 0, 0x62], "holds a NUL byte; write the password as plain text, such as UTF-8"),
        ([0], "holds a NUL byte; write the password as plain text, such as UTF-8"),
        (
            [0xEF, 0xBB, 0xBF] + Array("secret".utf8),
            "begins with a byte order mark, which nobody types; save it without"
        ),
        (Array("root".utf8), wellKnown), (Array("PassWord\n".utf8), wellKnown), (Array("changeme".utf8), wellKnown),
        (Array("agents".utf8), wellKnown), (Array("Hurd".utf8), wellKnown),
    ]

    private static func repeatedX(_ count: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "x"), count: count) }

    @Test(arguments: passwords.indices)
    func aPasswordIsChecked(_ index: Int) throws {
        let (contents, fault) = Self.passwords[index]
        for name in ["root", "user"] {
            let folder = try SeedFolder()
            try folder.write(name, contents)
            #expect(try folder.faults(of: name) == [fault].compactMap { $0 }, "\(contents.prefix(20))")
        }
    }

    @Test func aPasswordIsTheContentsWithoutTheLineBreak() throws {
        for ending in ["", "\n", "\r\n"] {
            let folder = try SeedFolder()
            try folder.write("root", " correct horse\t" + ending)
            let secret = try #require(folder.read().inputs?.rootPassword)
            let hash = try secret.shadowHash()
            #expect(try Crypt.hash(bytes(" correct horse\t"), setting: hash) == hash)
            #expect(try Crypt.hash(bytes(" correct horse"), setting: hash) != hash)
        }
    }

    private func bytes(_ text: String) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count + 1, alignment: 1)
        copy.copyBytes(from: Array(text.utf8) + [0])
        return UnsafeRawBufferPointer(copy)
    }

    @Test func aHashIsOfItsOwnKindEachTime() throws {
        let folder = try SeedFolder()
        try folder.write("root", "correct horse")
        let secret = try #require(folder.read().inputs?.rootPassword)
        let hashes = try (0..<8).map { _ in try secret.shadowHash() }
        #expect(Set(hashes).count == 8)
        for hash in hashes {
            #expect(hash.wholeMatch(of: /\$6\$[.\/0-9A-Za-z]{16}\$[.\/0-9A-Za-z]{86}/) != nil)
        }
    }

    @Test func weakPasswordsAreTakenWhenAllowed() throws {
        let folder = try SeedFolder()
        try folder.write("root", "password")
        let (inputs, finding) = try folder.read(["ALLOW_WEAK_PASSWORDS": "1"])
        #expect(finding.faults == [] && inputs?.rootPassword != nil)
        try folder.write("root", "bob")
        #expect(try folder.read(["GUEST_USER": "bob"]).finding.faults.count == 1)
    }

    @Test func anErasedSecretIsZero() throws {
        let folder = try SeedFolder()
        try folder.write("root", "correct horse")
        let inputs = try #require(folder.read().inputs)
        inputs.erase()
        let hash = try #require(try inputs.rootPassword?.shadowHash())
        #expect(try Crypt.hash(bytes(""), setting: hash) == hash)
    }

    @Test func memoryOfSecretsIsLeftOutOfDumps() throws {
        let memory = try SecretMemory(count: 4096)
        let start = String(UInt(bitPattern: memory.bytes.baseAddress), radix: 16)
        let maps = String(decoding: try readFile("/proc/self/smaps", limit: 64 << 20), as: UTF8.self)
        let entry = try #require(maps.range(of: "\n\(start)-"))
        let flags = try #require(maps[entry.upperBound...].firstMatch(of: /VmFlags:(.*)/))
        #expect(flags.1.split(separator: " ").contains("dd"))
        var bytes: [UInt8] = [1, 2, 3]
        wipe(&bytes)
        #expect(bytes == [0, 0, 0])
    }

    @Test func permissionsWiderThanNeededAreWarnedAbout() throws {
        let cases: [(name: String, mode: Int, word: String?)] = [
            ("root", 0o644, "read"), ("root", 0o640, nil), ("root", 0o602, "written"), ("user", 0o444, "read"),
            ("keys", 0o644, nil), ("keys", 0o666, "written"), ("network", 0o644, nil),
        ]
        for (name, mode, word) in cases {
            let folder = try SeedFolder()
            try folder.write(name, name == "keys" ? SeedFolder.key : "correct horse", mode: mode)
            let warnings = try folder.read().finding.warnings
            #expect(warnings.count == (word == nil ? 0 : 1), "\(name) \(mode)")
            let remedy = "can be \(word ?? "") by everybody; on the host, by the file's name there: chmod 400 /"
            #expect(warnings.allSatisfy { $0.contains(remedy) }, "\(warnings)")
        }
    }

    @Test func whatIsNotThereIsNoFaultUnlessItIsNamed() throws {
        let folder = try SeedFolder()
        #expect(try folder.read().finding.isPresent == false)
        #expect(try folder.read(["SEED": "on"]).finding.isPresent)
        let missing = try folder.read(["ROOT_PASSWORD_FILE": "\(folder.path)/none"]).finding
        #expect(missing.faults.map(\.kind) == [.unavailable])
        try folder.write("root", "")
        let off = try folder.read(["SEED": "off"])
        #expect(off.finding.faults == [] && off.inputs == nil)
    }
}
