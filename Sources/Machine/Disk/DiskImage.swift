/// What there is to know of a disk before QEMU opens it.
public struct DiskImage: Equatable, Sendable {
    public let path: String
    public let format: Configuration.DiskFormat
    /// The size of the guest's disk in bytes.
    public let virtualSize: Int64
    public let isBlockDevice: Bool
    /// Nil for raw.
    public let header: Qcow2Header?
    /// The backing and data files QEMU will open beside it, resolved.
    public let dependencies: [String]
}
