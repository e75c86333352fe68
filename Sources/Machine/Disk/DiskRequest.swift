import Basics
import Linux

/// A disk as the owner's variable names it.
public struct DiskRequest: Sendable {
    public let path: String
    /// Nil: a qcow2 by its header; a raw file must be declared.
    public let format: Configuration.DiskFormat?
    public let readOnly: Bool
    /// `QEMU_DRIVE`, for the messages.
    public let variable: String
    /// Drover will create it.
    public let mayBeMissing: Bool

    public init(
        path: String, format: Configuration.DiskFormat? = nil, readOnly: Bool = false, variable: String,
        mayBeMissing: Bool = false
    ) {
        self.path = path
        self.format = format
        self.readOnly = readOnly
        self.variable = variable
        self.mayBeMissing = mayBeMissing
    }

    /// In the place of a variable, for an image that is only read once.
    public static let importOption = "--from"

    /// A name where devices are, and nothing has: what would be made there would be a file in memory.
    public func missingDevice(_ orchestrator: Orchestrator) -> Fault? {
        guard path.hasPrefix("/dev/"), !path.hasPrefix("/dev/shm/") else { return nil }
        guard (try? FileStatus(of: path)) == nil else { return nil }
        return fault(
            .unavailable, "does not exist; \(ContainerSetting.blockDevice(path).phrase(orchestrator))")
    }

    /// What says of which format it is.
    func declaration(_ format: Configuration.DiskFormat) -> String {
        switch variable {
        case "QEMU_DRIVE": "QEMU_DRIVE_FORMAT=\(format.rawValue)"
        case Self.importOption: "--format \(format.rawValue)"
        default: "\(variable)=\(shellQuoted(path)):\(format.rawValue)"
        }
    }

    var isCDROM: Bool { variable == "QEMU_CDROM" }

    func fault(_ kind: Fault.Kind, _ text: String) -> Fault {
        Fault(kind, variable, "\(quoted(path)) \(text)")
    }

    func warning(_ text: String) -> String { "\(variable): \(quoted(path)) \(text)" }
}
