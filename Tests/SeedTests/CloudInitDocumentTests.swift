import Testing

@testable import Seed

/// What cloud-init would skip without a word that anybody hears.
@Suite struct CloudInitDocumentTests {
    @Test(arguments: [
        "#cloud-config\npackages: [vim]", "#!/bin/sh\ntrue", "#include\nhttps://example.org/x", "\n#Cloud-Config\n{}",
        "Content-Type: multipart/mixed; boundary=\"x\"\nMIME-Version: 1.0\n", "## template: jinja\n#cloud-config\n",
        "#cloud-config-archive\n- {}",
    ])
    func whatItKnowsPasses(_ text: String) {
        #expect(CloudInitDocument.userDataObjection(Array(text.utf8)) == nil)
    }

    private static let unknown = "does not begin with a line that cloud-init knows, which would skip all of it; "

    static let refused: [(bytes: [UInt8], objection: String)] = [
        (Array("#cloud-confg\npackages: []".utf8), unknown + "did you mean #cloud-config?"),
        (Array("packages: [vim]\n".utf8), unknown + "write #cloud-config there"),
        (
            [0xEF, 0xBB, 0xBF] + Array("#cloud-config\n".utf8),
            "begins with a byte order mark, which hides its first line from cloud-init; save it without"
        ),
        (
            [0xFF, 0xFE] + Array("#cloud-config\n".utf8).flatMap { [$0, 0] },
            "is UTF-16; save it as UTF-8 without a byte order mark"
        ),
        (Array("#cloud-config\n\0".utf8), "holds a NUL byte; save it as plain text in UTF-8"),
    ]

    @Test(arguments: refused.indices)
    func whatItWouldSkipIsRefused(_ index: Int) throws {
        let (bytes, objection) = Self.refused[index]
        let folder = try SeedFolder()
        try folder.write("user-data", bytes)
        #expect(try folder.faults(of: "user-data") == [objection])
    }

    @Test func aNetworkConfigurationNeedsNoHeader() throws {
        let folder = try SeedFolder()
        try folder.write("network", "version: 2\n")
        #expect(try folder.read().finding.faults == [])
        try folder.write("network", Array("version: 2\n\0".utf8))
        #expect(try folder.faults(of: "network") == ["holds a NUL byte; save it as plain text in UTF-8"])
    }

    @Test func aCompressedDocumentPasses() {
        #expect(CloudInitDocument.userDataObjection([0x1F, 0x8B, 8, 0, 0]) == nil)
    }

    @Test func whatCouldNotBeReadIsNotJudged() throws {
        let folder = try SeedFolder()
        try folder.write("root", "two\nlines")
        #expect(try folder.read().finding.summary == nil)
        try folder.write("root", "one line of many words")
        #expect(try folder.read().finding.summary?.hasPrefix("seed: password of root") == true)
        #expect(try folder.read(["ROOT_PASSWORD_FILE": "relative"]).finding.summary != nil)
    }

    @Test func keysThatRunTogetherAreTwo() throws {
        let folder = try SeedFolder()
        let body = SeedFolder.key.split(separator: " ")[1]
        for line in ["\(SeedFolder.key)\(SeedFolder.key)", "ssh-ed25519 \(body) \(SeedFolder.key)"] {
            try folder.write("keys", line)
            #expect(
                try folder.faults(of: "keys") == ["line 1 holds two keys; begin a new line before the second"],
                "\(line)")
        }
        try folder.write("keys", "ssh-ed25519 \(body) ssh-rsa for work\n")
        #expect(try folder.read().finding.faults == [])
        try folder.write("keys", "\u{FEFF}" + SeedFolder.key)
        #expect(
            try folder.faults(of: "keys") == [
                "begins with a byte order mark, which is no part of a key; save it without"
            ])
    }
}
