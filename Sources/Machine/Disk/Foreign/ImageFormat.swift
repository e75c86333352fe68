/// What an image that becomes a disk may be, by qemu-img's names.
public enum ImageFormat: String, CaseIterable, Sendable {
    case qcow2, raw, vmdk, vdi, vhdx, vpc

    /// As people and `DiskHeader` call it.
    var noun: String {
        switch self {
        case .qcow2, .raw: rawValue
        case .vmdk: "VMDK"
        case .vdi: "VDI"
        case .vhdx: "VHDX"
        case .vpc: "VHD"
        }
    }

    /// Of those that a machine runs from.
    var diskFormat: Configuration.DiskFormat? { Configuration.DiskFormat(rawValue: rawValue) }
}
