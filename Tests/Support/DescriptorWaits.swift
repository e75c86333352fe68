import Glibc
import Linux

extension Descriptor {
    /// Waits for bytes and reads them.
    ///
    /// - Returns: nil when `deadline` came first; nothing when the other end has gone.
    package func receive(until deadline: Instant) throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while try wait(until: .readable, deadline) {
            do {
                let count = try read(into: &buffer)
                return Array(buffer.prefix(count))
            } catch {
                // So a terminal says that nobody has its other end open.
                if error == .inputOutput { return [] }
                if error != .wouldBlock { throw error }
            }
        }
        return nil
    }

    /// Writes all of `bytes`, to a blocking descriptor or not.
    package func deliver(_ bytes: [UInt8], within seconds: Int = 30) throws {
        let deadline = Instant.within(seconds)
        var start = 0
        while start < bytes.count {
            guard try wait(until: .writable, deadline) else {
                throw TestFailure.missing("room for \(bytes.count) bytes", seen: "\(start) were taken")
            }
            // In pieces: a blocking pipe that has room for some waits until it has room for all.
            let end = min(start + 2048, bytes.count)
            do {
                start += try put(Array(bytes[start..<end]))
            } catch {
                if error != .wouldBlock { throw error }
            }
        }
    }

    /// A peer that has gone is an error, and not a SIGPIPE that ends all tests.
    private func put(_ bytes: [UInt8]) throws(Errno) -> Int {
        do {
            return try send(bytes)
        } catch {
            guard error.rawValue == ENOTSOCK else { throw error }
            return try write(bytes)
        }
    }

    /// Reads until `text` has come, and returns all that has; nil when it does not come, or the other end closes.
    package func read(until text: String) -> String? {
        let transcript = Transcript(of: self, named: "a socket")
        guard let before = try? transcript.find(text, until: soon()) else { return nil }
        return before + text + transcript.text
    }

    /// Writes `text`, whether or not somebody takes it.
    package func say(_ text: String) {
        try? deliver(Array(text.utf8))
    }
}
