import Basics

extension DiskPreparation {
    /// What was done, for the log; nil when nothing was.
    ///
    /// - Parameter isKept: the disk is a Hurd's, which must not grow.
    public func outcome(for machine: VirtualMachine, isKept: Bool = false) -> String? {
        guard let disk = machine.drives.first?.image.top else { return nil }
        switch self {
        case .none:
            return nil
        case .create(let path, let image):
            let size = MiB(bytes: image.size)
            if case .overlay = image.purpose { return "made \(quoted(path)) over QEMU_BASE: \(size)" }
            return "made \(quoted(path)), an empty disk: \(size) (CREATE_DISK)"
        case .grow(let size):
            let before = MiB(bytes: disk.virtualSize)
            if isKept {
                return
                    "DISK_SIZE: \(quoted(disk.file.path)) stays at \(before): a GNU/Hurd reads no file system that has "
                    + "been enlarged; unset DISK_SIZE, and give the guest a further disk (QEMU_DISKS) if it needs room"
            }
            return
                "grew \(quoted(disk.file.path)) from \(before) to \(size) (DISK_SIZE); the guest's partitions are as before"
        }
    }
}
