import Basics
import Linux
import Machine
import QMP

/// A CD of the shared folder that a client of ours has made, and still has open.
enum OfferedCD {
    struct Refusal: Error {
        let reason: String
    }

    /// Keeps it for the next start of QEMU.
    ///
    /// - Parameter number: of the client's descriptor.
    /// - Returns: the path by which QEMU, which has our uid, opens it as well.
    static func take(
        _ number: Int, of peer: QMPServer.Peer, for launcher: QEMULauncher
    ) throws(Refusal) -> String {
        guard launcher.machine.share == .cd else { throw Refusal(reason: Configuration.ShareSettings.noCD) }
        let path = "/proc/\(peer.pid)/fd/\(number)"
        do throws(Errno) {
            launcher.secrets.share.image = try open(path)
        } catch {
            throw Refusal(
                reason:
                    "descriptor \(number) of pid \(peer.pid) is no CD that can be taken: \(error); run drover share refresh "
                    + "in the container, as its own user")
        }
        return path
    }

    /// - Throws: `.invalidArgument` for what is no sealed file in memory.
    private static func open(_ path: String) throws(Errno) -> Descriptor {
        let image = try Descriptor.open(path, .nonBlocking)
        let size = try image.status().size
        // Nobody can change it any more, and it is nothing that has to be waited for.
        guard image.isSealed, size > 0 else { throw .invalidArgument }
        guard size <= Configuration.ShareSettings.largestCD.bytes else { throw .tooLarge }
        return image
    }
}
