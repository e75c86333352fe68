import Linux
import TestSupport
import Testing

@Suite struct FileDigestTests {
    /// As coreutils have it, of files that end before, at and after the end of a piece.
    @Test(arguments: [0, 1, 4095, 4096, 4097, 8192, 40_961]) func ofPieces(length: Int) throws {
        var random = SeededGenerator(seed: UInt64(length))
        let folder = try TemporaryFolder()
        let path = try folder.file("file", random.bytes(length))
        let expected = String(
            try shell("split -b 4096 --filter='sha256sum | cut -c 1-64' '\(path)' | sha256sum").prefix(64))
        for threads in [1, 2, 3, 64] {
            let digest = try FileDigest(of: Descriptor.open(path), pieceSize: 4096, threads: threads)
            #expect(digest == FileDigest(sha256: expected, pieceSize: 4096))
        }
    }

    @Test func ofTheWhole() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("file", Array("abc".utf8))
        let digest = try FileDigest(of: Descriptor.open(path), pieceSize: nil, threads: 4)
        #expect(
            digest.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                && digest.pieceSize == nil)
    }

    /// By the thread that calls, which here does all of it.
    @Test func progressIsTold() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("file", [UInt8](repeating: 7, count: 100 << 10))
        var calls = 0
        _ = try FileDigest(of: Descriptor.open(path), pieceSize: 1 << 10, threads: 1) { calls += 1 }
        #expect(calls == 100)
    }

    @Test func whatCannotBeRead() throws {
        let folder = try TemporaryFolder()
        for threads in [1, 4] {
            #expect(throws: Errno.isDirectory) {
                _ = try FileDigest(of: Descriptor.open(folder.path), pieceSize: 64, threads: threads)
            }
        }
    }
}
