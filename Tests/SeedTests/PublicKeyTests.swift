import Testing

@testable import Seed

@Suite struct PublicKeyTests {
    private static let blob = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

    static let accepted = [
        "ssh-ed25519 \(blob)", "ssh-ed25519 \(blob) me@example", "ssh-ed25519\t\(blob)\tme and more",
        "no-pty ssh-ed25519 \(blob)", "command=\"echo \\\"a b\\\"\",no-pty ssh-ed25519 \(blob) x",
        "from=\"10.0.0.0/8,!10.1.2.3\" ssh-ed25519 \(blob) schlüssel \u{1F511}",
    ]

    @Test(arguments: accepted) func aKeyIsTaken(_ line: String) throws {
        #expect(try PublicKey(line[...]).line == line)
    }

    static let refused: [(line: String, words: String)] = [
        ("hunter2", "is not an SSH public key"), ("ssh-ed25519", "is not an SSH public key"),
        ("ssh-dss \(blob)", "is not an SSH public key"), ("no-pty ssh-foo \(blob)", "is not an SSH public key"),
        ("command=\"a ssh-ed25519 \(blob)", "is not an SSH public key"),
        ("ssh-ed25519-cert-v01@openssh.com \(blob)", "is not an SSH public key"),
        ("ssh-ed25519 me@example", "is not base64"), ("ssh-ed25519 \(blob.dropLast())", "is not base64"),
        ("ssh-ed25519 \(blob)=", "is not base64"), ("ssh-ed25519 ====", "is not base64"),
        ("ssh-ed25519 \(blob.dropLast(4))", "is cut off or of another type"),
        ("ssh-rsa \(blob)", "is cut off or of another type"), ("ssh-ed25519 AAAA", "is cut off or of another type"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "begins a private key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "begins a private key"),
        ("PuTTY-User-Key-File-3: ssh-ed25519", "begins a private key"),
        ("---- BEGIN SSH2 PUBLIC KEY ----", "ssh-keygen -i"),
        ("ssh-ed25519 \(blob) a\u{1B}[2J", "holds a control character"),
        ("ssh-ed25519 \(blob) a\u{0}", "holds a control character"),
        ("ssh-ed25519 \(blob) a\u{2028}b", "holds a control character"),
        ("ssh-ed25519 \(blob) a\rssh-ed25519 \(blob)", "holds a control character"),
    ]

    @Test(arguments: refused) func anotherLineIsRefusedAndNotRepeated(_ line: String, _ words: String) {
        do {
            _ = try PublicKey(line[...])
            Issue.record("\(line) was taken")
        } catch {
            #expect(error.reason.contains(words), "\(line): \(error.reason)")
            #expect(!error.reason.contains("hunter2") && !error.reason.contains(Self.blob.dropLast(4)))
        }
    }

    @Test func theFileMayHaveCommentsAndEmptyLines() throws {
        let folder = try SeedFolder()
        try folder.write("keys", "# mine\n\n  \(SeedFolder.key)\r\n\t\n\(SeedFolder.key) again\n")
        #expect(try folder.read().inputs?.keys == [SeedFolder.key, SeedFolder.key + " again"])
        try folder.write("keys", "# mine\n\n")
        #expect(try folder.faults(of: "keys") == ["holds no key; add one or remove the file"])
        try folder.write("keys", "\(SeedFolder.key)\n\nhunter2\n")
        #expect(try folder.faults(of: "keys").first?.hasPrefix("line 3 is not an SSH public key; ") == true)
        try folder.write("keys", [UInt8](repeating: 0x23, count: (64 << 10) + 1))
        #expect(try folder.faults(of: "keys") == ["is larger than 64 KiB; shorten it"])
    }

    @Test func base64() {
        for (text, bytes) in [
            ("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("Zm9vYmE=", "fooba"),
        ] {
            #expect(Base64.decode(text.utf8) == Array(bytes.utf8))
        }
        for text in ["Z", "Zg=", "Zg", "Z===", "=Zg=", "Zm9v Zg", "Zm9-", "Zg==Zg=="] {
            #expect(Base64.decode(text.utf8) == nil, "\(text)")
        }
    }
}
