import Linux

/// Reads one turn's worth of bytes from whichever descriptor is ready; all owners share its buffer.
final class Reader {
    enum Reading {
        /// Valid until the next call.
        case bytes(UnsafeRawBufferPointer)
        case end(reason: String)
        case nothing
    }

    /// Bytes read from, or written to, one descriptor before the others get their turn.
    static let turn = 1 << 16

    /// Passwords pass through it.
    private let memory: SecretMemory
    /// What has been written to since it was last wiped.
    private var used = 0

    init() throws(Errno) {
        memory = try SecretMemory(count: Self.turn)
    }

    func read(_ descriptor: Descriptor) -> Reading {
        do throws(Errno) {
            let count = try descriptor.read(into: memory.bytes)
            used = max(used, count)
            return count > 0
                ? .bytes(UnsafeRawBufferPointer(rebasing: memory.bytes[..<count])) : .end(reason: "closed")
        } catch {
            return error == .wouldBlock ? .nothing : .end(reason: "\(error)")
        }
    }

    /// Zeroes what was read, when all of it has been taken.
    func wipe() {
        memory.wipe(first: used)
        used = 0
    }
}
