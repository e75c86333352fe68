import Basics

extension DiskPreparation {
    /// What was done, for the log; nil when nothing was.
    public func outcome(for machine: VirtualMachine) -> String? {
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
            return
                "grew \(quoted(disk.file.path)) from \(before) to \(size) (DISK_SIZE); the guest's partitions are as before"
        }
    }
}
