import Linux
import TestSupport
import Testing

@Suite struct SHA256Tests {
    /// FIPS 180-2, appendix B, and NIST's example of the empty message.
    static let vectors: [(String, Int, String)] = [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            1,
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test(arguments: vectors) func standardsVectors(text: String, count: Int, digest: String) {
        let bytes = [UInt8](String(repeating: text, count: count).utf8)
        #expect(sum(SHA256(), bytes, parts: bytes.count) == digest)
        #expect(sum(.portable, bytes, parts: bytes.count) == digest)
    }

    /// However a message comes, and by either way.
    @Test func partsMakeNoDifference() {
        var random = SeededGenerator(seed: 256)
        for length in Array(0...200) + [4096, 65_537] {
            let bytes = random.bytes(length)
            let whole = sum(.portable, bytes, parts: max(length, 1))
            for parts in [1, 7, 63, 64, 65, 1000] {
                #expect(sum(SHA256(), bytes, parts: parts) == whole)
                #expect(sum(.portable, bytes, parts: parts) == whole)
            }
        }
    }

    @Test func sumOfAFile() throws {
        var random = SeededGenerator(seed: 180)
        let folder = try TemporaryFolder()
        let bytes = random.bytes(9_000_001)
        let path = try folder.file("file", bytes)
        var seen: [Int64] = []
        let digest = try Descriptor.open(path).sha256 { seen.append($0) }
        #expect(digest == sum(.portable, bytes, parts: bytes.count))
        #expect(digest == String(try shell("sha256sum '\(path)'").prefix(64)))
        #expect(seen == (1...8).map { $0 << 20 } + [9_000_001])
    }

    private func sum(_ hash: SHA256, _ bytes: [UInt8], parts: Int) -> String {
        var hash = hash
        for start in stride(from: 0, to: bytes.count, by: max(parts, 1)) {
            Array(bytes[start..<min(start + parts, bytes.count)]).withUnsafeBytes { hash.update($0) }
        }
        return hash.digest()
    }
}
