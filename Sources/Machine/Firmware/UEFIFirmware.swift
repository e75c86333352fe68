import Basics

/// UEFI for a guest: OVMF's code, which nobody writes, and the variables of this guest alone, such as its boot entries.
public struct UEFIFirmware: Equatable, Sendable {
    /// Of the variables, in QEMU.
    public static let variablesNode = "uefi-vars"
    static let codeNode = "uefi-code"

    public let code: DiskImage
    /// A qcow2 whatever OVMF's own are: QEMU takes no snapshot of a machine that writes to anything else.
    public let variables: DiskImage
    /// What `variables` are copied from before QEMU starts; nil when they are there.
    public let origin: DiskImage?

    public init(code: DiskImage, variables: DiskImage, origin: DiskImage?) {
        self.code = code
        self.variables = variables
        self.origin = origin
    }

    /// In the order in which QEMU inherits their files.
    var images: [DiskImage] { [code, variables] }

    /// What was done before QEMU started, for the log; nil: nothing that stays.
    public var outcome: String? {
        guard origin != nil, variables.overlayDirectory == nil else { return nil }
        return "made \(quoted(variables.top.file.path)) for the guest's UEFI variables, none of which is set yet"
    }
}
