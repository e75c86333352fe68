import Glibc

/// Standard input or output that never blocks: where the system lets us, through an open file description of our own, as
/// others share the one we were given; else the shared one is made blocking again at the end.
public final class StandardStream {
    public let descriptor: Descriptor
    private let mustRestore: Bool

    /// - Parameter number: 0 for reading, 1 or 2 for writing.
    public init(_ number: Int32) throws(Errno) {
        let original = try Descriptor.duplicate(of: number)
        switch try original.status().kind {
        case .regular, .blockDevice, .directory:
            // Always ready; and if opened again, they would start at their beginning.
            (descriptor, mustRestore) = (original, false)
            return
        default: break
        }
        let flags: Descriptor.Flags = number == STDIN_FILENO ? .nonBlocking : [.writeOnly, .nonBlocking]
        if let own = try? Descriptor.open("/proc/self/fd/\(number)", flags) {
            (descriptor, mustRestore) = (own, false)
        } else {
            try original.setNonBlocking(true)
            (descriptor, mustRestore) = (original, true)
        }
    }

    deinit {
        if mustRestore { try? descriptor.setNonBlocking(false) }
    }

    /// Writes everything; false when the reader has gone or takes nothing for `patience`.
    public func write(_ text: String, patience: Duration = .seconds(10)) -> Bool {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            do throws(Errno) {
                written += try descriptor.write(bytes, from: written)
            } catch .wouldBlock {
                guard (try? descriptor.wait(until: .writable, .now() + patience)) == true else { return false }
            } catch {
                return false
            }
        }
        return true
    }
}
