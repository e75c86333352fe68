/// A qcow2 image that is to be made.
public struct NewImage: Equatable, Sendable {
    public enum Purpose: Equatable, Sendable {
        /// An empty disk.
        case disk
        /// Over another image, which its header names like this.
        case overlay(of: String, Configuration.DiskFormat)
        /// Over whatever QEMU puts under it, for one run.
        case throwAway
    }

    public let purpose: Purpose
    /// The size of the guest's disk in bytes.
    public let size: Int64

    public init(_ purpose: Purpose, size: Int64) {
        self.purpose = purpose
        self.size = size
    }

    /// qemu-img's arguments, its name first, to make it in the file of the first descriptor that qemu-img inherits.
    public var arguments: [String] {
        let options =
            switch purpose {
            case .disk: ["-o", "compression_type=zstd,preallocation=metadata"]
            // -u, as a relative name leads nowhere from a descriptor.
            case .overlay(let name, let format): ["-u", "-b", name, "-F", format.rawValue]
            case .throwAway: [String]()
            }
        let file = "/proc/self/fd/\(DiskPreparation.firstDescriptor)"
        return ["qemu-img", "create", "-q", "-f", "qcow2"] + options + [file, String(size)]
    }
}
