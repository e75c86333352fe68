import Glibc
import Linux

/// Standard output, written to without ever waiting for its reader.
public final class OutputSink {
    enum Outcome {
        /// All that was given has been taken.
        case drained
        /// More can be taken later, when the descriptor is writable again.
        case full
        /// Nothing will ever be taken: the reader has gone.
        case closed
    }

    let descriptor: Descriptor
    /// We could not open a description of our own, so the original was made non-blocking; others may share it.
    private let mustRestore: Bool
    /// A regular file: always ready, and epoll does not take it.
    let isAlwaysReady: Bool

    public init() throws(Errno) {
        let original = try Descriptor.duplicate(of: STDOUT_FILENO)
        if try original.status().kind == .regular {
            (descriptor, mustRestore, isAlwaysReady) = (original, false, true)
        } else if let own = try? Descriptor.open("/proc/self/fd/1", [.writeOnly, .nonBlocking]) {
            (descriptor, mustRestore, isAlwaysReady) = (own, false, false)
        } else {
            try original.setNonBlocking(true)
            (descriptor, mustRestore, isAlwaysReady) = (original, true, false)
        }
    }

    /// Writes from the log, at most `limit` bytes, so that other work gets its turn.
    func write(from log: Log, limit: Int) -> Outcome {
        var left = limit
        var outcome = Outcome.drained
        while !log.isEmpty, left > 0, outcome == .drained {
            log.writeChunk { bytes in
                do throws(Errno) {
                    let count = try descriptor.write(bytes)
                    left -= count
                    return count
                } catch {
                    // A disk that is full, say, may have room later; what is at hand is lost.
                    guard error == .wouldBlock || error == .brokenPipe else { return bytes.count }
                    outcome = error == .wouldBlock ? .full : .closed
                    return 0
                }
            }
        }
        return outcome == .drained && !log.isEmpty ? .full : outcome
    }

    /// Writes what is left, for as long as the reader takes it and at most until `deadline`.
    public func drain(_ log: Log, until deadline: Instant) {
        while write(from: log, limit: .max) == .full, Instant.now() < deadline {
            _ = try? descriptor.wait(until: .writable, deadline)
        }
        if mustRestore { try? descriptor.setNonBlocking(false) }
    }
}
