import Basics
import Linux
import Machine
import QMP

/// A CD of the shared folder that a client of ours has made, and still has open.
struct OfferedCD {
    /// By which QEMU, which has our uid, opens it as well.
    let path: String
    let image: Descriptor

    /// - Parameter number: of the client's descriptor.
    /// - Throws: `.invalidArgument` for what is no sealed file in memory, or is too large.
    init(_ number: Int, of peer: QMPServer.Peer) throws(Errno) {
        path = "/proc/\(peer.pid)/fd/\(number)"
        image = try .open(path, .nonBlocking)
        let size = try image.status().size
        // Nobody can change it any more, and it is nothing that has to be waited for.
        guard image.isSealed, size > 0 else { throw .invalidArgument }
        guard size <= Configuration.ShareSettings.largestCD.bytes else { throw .tooLarge }
    }
}
