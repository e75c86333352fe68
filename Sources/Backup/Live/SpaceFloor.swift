import Basics
import Linux
import Operator

/// The free space that a backup leaves on the volumes it writes to, of which the guest's own disk may be one.
struct SpaceFloor: Equatable, Sendable {
    /// In bytes.
    let floor: Int64
    /// Each on a volume.
    let directories: [String]

    func check() throws(ClientFailure) {
        for directory in directories {
            guard let free = try? freeSpace(directory), free < floor else { continue }
            throw ClientFailure(
                .no,
                "\(quoted(directory)) has \(MiB(bytes: free)) left, and BACKUP_FLOOR leaves \(MiB(bytes: floor)) free: make "
                    + "room, or have fewer backups kept (BACKUP_KEEP)")
        }
    }
}
