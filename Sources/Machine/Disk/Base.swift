import Basics

extension DiskInspection {
    /// The system disk as `QEMU_BASE` has it: over that image, there already or to be made.
    ///
    /// - Parameters:
    ///   - base: what came of looking at the base.
    ///   - drive: the system disk's path.
    ///   - size: `DISK_SIZE`.
    func over(_ base: DiskInspection, drive: String, size: MiB?) -> DiskInspection {
        var result = self
        result.faults += base.faults
        result.warnings += base.warnings
        // What cannot be judged is not judged.
        guard result.faults.isEmpty, let base = base.image else { return result }
        if isMissing {
            let size = max(base.top.virtualSize, size?.bytes ?? 0)
            result.image = DiskImage(
                variable: "QEMU_DRIVE",
                top: DiskLayer(DiskFile(toBeMadeAt: drive), format: .qcow2, virtualSize: size), backing: base.layers,
                backingIsFixed: true)
        } else if let image {
            result.image?.backingIsFixed = true
            if let reason = image.reasonNotOver(base.top) {
                result.faults.append(Fault(.configuration, "QEMU_BASE", reason))
            }
        }
        return result
    }
}

extension DiskImage {
    /// Why it is no overlay over that image; nil when it is.
    fileprivate func reasonNotOver(_ base: DiskLayer) -> String? {
        let (drive, name) = (quoted(top.file.name), quoted(base.file.name))
        guard top.file.identity != base.file.identity else {
            return "\(name) is QEMU_DRIVE itself; name a file in QEMU_DRIVE that is not there yet, to be made over it"
        }
        let remedy = "unset QEMU_BASE, or name a file in QEMU_DRIVE that is not there yet, to be made over it"
        guard let below = backing.first else {
            return "\(name) is not under QEMU_DRIVE: \(drive) has no backing file; \(remedy)"
        }
        guard below.file.identity == base.file.identity else {
            let other = quoted(below.file.path)
            return "\(name) is not under QEMU_DRIVE: the backing file of \(drive) is \(other); \(remedy)"
        }
        guard below.format == base.format else {
            let declared = Configuration.Disk(path: base.file.name, format: below.format).text
            return "\(name) is \(base.format.rawValue), and \(drive) is over it as \(below.format.rawValue); "
                + "set QEMU_BASE=\(declared)"
        }
        return nil
    }
}
