import Glibc
import Synchronization

/// What a file's content is told by.
public struct FileDigest: Equatable, Sendable {
    /// SHA-256 in 64 small hexadecimal digits (FIPS 180-4).
    public let sha256: String
    /// nil: `sha256` is of the file. Else of a text that has a line with the SHA-256 of each piece of so many bytes, the last of
    /// which may be shorter; what coreutils print by `split -b SIZE --filter='sha256sum | cut -c 1-64' FILE | sha256sum`.
    public let pieceSize: Int64?

    public init(sha256: String, pieceSize: Int64?) {
        (self.sha256, self.pieceSize) = (sha256, pieceSize)
    }

    /// Reads the file. What is read is not kept in the page cache.
    ///
    /// - Parameters:
    ///   - pieceSize: in bytes, such as `standardPieceSize`.
    ///   - threads: how many pieces are hashed at once, at most.
    ///   - progress: told every MiB that it gets on.
    public init(
        of file: Descriptor, pieceSize: Int64?, threads: Int = 1, _ progress: () -> Void = {}
    ) throws(Errno) {
        guard let pieceSize else {
            self.init(sha256: try file.sha256 { _ in progress() }, pieceSize: nil)
            return
        }
        let pieces = try Pieces(of: file, size: pieceSize)
        self.init(sha256: try pieces.hash(by: threads, progress), pieceSize: pieceSize)
    }

    /// Small enough for the threads to have the same to do, and large enough to be read in one go from a disk that has to seek.
    public static let standardPieceSize: Int64 = 16 << 20
}

/// Of a file, hashed by several threads: SHA-256 takes longer than reading does, most of all where a processor has no
/// instructions for it, and within one digest a byte cannot be hashed before the one in front of it.
private final class Pieces: Sendable {
    private struct State {
        var next = 0
        var digests: [String]
        var error: Errno?
    }

    /// More of them wait for the volume, and each takes memory.
    private static let mostThreads = 8

    private let file: Descriptor
    private let size: Int64
    private let count: Int
    private let state: Mutex<State>

    init(of file: Descriptor, size: Int64) throws(Errno) {
        (self.file, self.size) = (file, size)
        count = Int((try file.status().size + size - 1) / size)
        state = Mutex(State(digests: [String](repeating: "", count: count)))
    }

    /// The caller's thread takes part, so that all gets done where there are no more of them to be had.
    func hash(by threads: Int, _ progress: () -> Void) throws(Errno) -> String {
        var helpers: [pthread_t] = []
        for _ in 1..<max(1, min(threads, count, Self.mostThreads)) {
            var thread = pthread_t()
            let error = pthread_create(
                &thread, nil,
                {
                    // Of this thread alone. A guest goes first.
                    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
                    Unmanaged<Pieces>.fromOpaque($0!).takeUnretainedValue().hash {}
                    return nil
                }, Unmanaged.passUnretained(self).toOpaque())
            if error == 0 { helpers.append(thread) }
        }
        hash(progress)
        for helper in helpers { pthread_join(helper, nil) }
        let (digests, error) = state.withLock { ($0.digests, $0.error) }
        if let error { throw error }
        var whole = SHA256()
        for digest in digests { Array("\(digest)\n".utf8).withUnsafeBytes { whole.update($0) } }
        return whole.digest()
    }

    /// Until none is left.
    private func hash(_ progress: () -> Void) {
        while let piece = next() {
            do throws(Errno) {
                let start = Int64(piece) * size
                let digest = try file.sha256(of: start..<start + size) { _ in progress() }
                state.withLock { $0.digests[piece] = digest }
            } catch {
                state.withLock { $0.error = error }
            }
        }
    }

    private func next() -> Int? {
        state.withLock { state in
            guard state.next < count, state.error == nil else { return nil }
            defer { state.next += 1 }
            return state.next
        }
    }
}
