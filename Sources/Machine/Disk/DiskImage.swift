/// What there is to know of a disk before QEMU opens it.
public struct DiskImage: Equatable, Sendable {
    public let format: Configuration.DiskFormat
    /// The size of the guest's disk in bytes.
    public let virtualSize: Int64
    public let isBlockDevice: Bool
}
