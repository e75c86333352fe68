import Basics
import Linux

/// What came of looking for UEFI (`QEMU_FIRMWARE`): every fault at once.
public struct FirmwareFinding: Equatable, Sendable {
    static let variable = "QEMU_FIRMWARE"
    /// Behind the name of the system disk.
    static let suffix = ".uefi-vars"

    public var firmware: UEFIFirmware?
    public var faults: [Fault] = []
    public var warnings: [String] = []

    public init(firmware: UEFIFirmware? = nil) {
        self.firmware = firmware
    }

    /// - Parameter directory: where OVMF is; another one in tests.
    init(_ configuration: Configuration, _ process: ProcessIdentity, ovmf directory: String = "/usr/share/OVMF") {
        let inspector = DiskInspector(process: process)
        let code = find("OVMF_CODE_4M", in: directory, inspector)
        let template = find("OVMF_VARS_4M", in: directory, inspector)
        guard let code, let template else { return }

        let disk = configuration.disks.drive.path
        let isDevice = (try? FileStatus(of: disk).kind) == .blockDevice
        if isDevice {
            warnings.append(
                "\(Self.variable): the UEFI variables are lost at the end of this run, for \(quoted(disk)) is a block device, "
                    + #"and no file can lie beside it; the guest boots by \EFI\BOOT\BOOTX64.EFI"#)
        }
        let isThrownAway = configuration.disks.snapshot || isDevice
        let request = DiskRequest(
            path: disk + Self.suffix, format: .qcow2, readOnly: isThrownAway, variable: Self.variable,
            mayBeMissing: true)
        let found = isDevice ? DiskInspection(isMissing: true) : inspector.inspect(request)
        // That no file can be made there does not matter where none is to be made.
        if !(isThrownAway && found.isMissing) { faults += found.faults }
        if let image = found.image, !Self.isGood(image, template) {
            faults.append(
                request.fault(
                    .configuration,
                    "does not hold \(template.top.virtualSize >> 10) KiB of UEFI variables; move it away, and it is made anew"
                ))
        }
        guard faults.isEmpty else { return }
        let origin = isThrownAway ? found.image ?? template : found.image == nil ? template : nil
        let file =
            isThrownAway
            ? DiskFile(overlayOf: DiskFile(toBeMadeAt: request.path), in: configuration.operation.runtimeDirectory)
            : DiskFile(toBeMadeAt: request.path)
        let made = DiskImage(
            variable: Self.variable, top: DiskLayer(file, format: .qcow2, virtualSize: template.top.virtualSize))
        let kept = isThrownAway ? nil : found.image
        firmware = UEFIFirmware(code: code, variables: kept ?? made, origin: origin)
    }

    /// As the image has it, or as Debian's package has it.
    private mutating func find(_ name: String, in directory: String, _ inspector: DiskInspector) -> DiskImage? {
        for (suffix, format) in [(".qcow2", Configuration.DiskFormat.qcow2), (".fd", .raw)] {
            let request = DiskRequest(
                path: "\(directory)/\(name)\(suffix)", format: format, readOnly: true, variable: Self.variable,
                mayBeMissing: true)
            let found = inspector.inspect(request)
            if found.isMissing { continue }
            faults += found.faults
            return found.image
        }
        faults.append(
            Fault(
                .unavailable, Self.variable,
                #""uefi" needs OVMF, and \#(quoted("\(directory)/\(name).fd")) is not there; install it, such as Debian's "#
                    + "ovmf, or set \(Self.variable)=bios"))
        return nil
    }

    /// As it was made: of OVMF's size, and nothing behind it.
    private static func isGood(_ image: DiskImage, _ template: DiskImage) -> Bool {
        image.files.count == 1 && image.top.virtualSize == template.top.virtualSize
    }
}
