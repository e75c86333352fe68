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

    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: turn, alignment: 16)

    deinit {
        buffer.deallocate()
    }

    func read(_ descriptor: Descriptor) -> Reading {
        do throws(Errno) {
            let count = try descriptor.read(into: buffer)
            return count > 0 ? .bytes(UnsafeRawBufferPointer(rebasing: buffer[..<count])) : .end(reason: "closed")
        } catch {
            return error == .wouldBlock ? .nothing : .end(reason: "\(error)")
        }
    }
}
