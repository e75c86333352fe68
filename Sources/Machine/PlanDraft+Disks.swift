import Basics
import Linux

// What is wrong with the disks, and what they are.
extension PlanDraft {
    mutating func checkDisks() {
        // What is said of a missing disk depends on them.
        let canJudgeDrive = !facts.drive.isMissing || areGood("CREATE_DISK", "QEMU_BASE", "QEMU_SNAPSHOT")
        let drives = canJudgeDrive ? [facts.drive] : []
        for inspection in drives + facts.disks + [facts.cdrom].compactMap({ $0 }) {
            for fault in inspection.faults { add(fault) }
            warnings += inspection.warnings
        }
        checkSharing()
    }

    mutating func checkSpace() {
        let disks = configuration.disks
        let found = zip(disks.all.map(\.path), [facts.drive] + facts.disks)
        let all = found.enumerated().compactMap { index, item -> DiskSpace.Disk? in
            let (path, inspection) = item
            let wanted = index == 0 ? disks.diskSize?.bytes : nil
            guard let space = inspection.space,
                let size = [inspection.image?.top.virtualSize, wanted].compactMap({ $0 }).max()
            else { return nil }
            return DiskSpace.Disk(
                variable: index == 0 ? "QEMU_DRIVE" : "QEMU_DISKS", path: path, size: size, space: space)
        }
        warnings += DiskSpace.warnings(all)
        // An overlay over a base has none of its own yet.
        guard facts.drive.isMissing, facts.drive.image == nil, let size = disks.diskSize, let space = facts.drive.space
        else { return }
        let needed = DiskSpace.metadata(of: size)
        if needed > space.free {
            add(
                Fault(
                    .temporary, "DISK_SIZE",
                    "\(size) cannot be created: the tables of such an image take \(MiB(bytes: needed)) at once, and the "
                        + "volume of \(quoted(disks.drive.path)) has \(MiB(bytes: space.free)) free; make room or lower it"
                ))
        }
    }

    /// A file that is written is in use once only, under whichever name: as a disk, or behind one.
    private mutating func checkSharing() {
        var uses: [FileIdentity: (file: DriveNodes.OpenFile, variable: String, isWritten: Bool)] = [:]
        for (drive, nodes) in zip(drives, nodes) {
            for file in nodes.files {
                guard let identity = file.file.identity else { continue }
                let variable = drive.image.variable
                let isWritten = file.depth == 0 && !drive.readOnly
                if let other = uses[identity], isWritten || other.isWritten {
                    add(Fault(.configuration, variable, Self.explain(file, isUsedBy: other.variable, other.file)))
                }
                uses[identity] = (file, variable, isWritten)
            }
        }
    }

    private static func explain(
        _ file: DriveNodes.OpenFile, isUsedBy variable: String, _ other: DriveNodes.OpenFile
    ) -> String {
        let subject =
            file.role == .image ? quoted(file.file.name) : "the \(file.role.rawValue) \(quoted(file.file.path))"
        let already = "\(subject) is in \(variable) already"
        guard file.role == .image, other.role == .image else {
            let role = other.role == .image ? "" : ", as a \(other.role.rawValue)"
            return "\(already)\(role), and is written; give each disk files of its own"
        }
        let name = file.file.name == other.file.name ? "" : ", as \(quoted(other.file.name))"
        return "\(already)\(name); name each image once"
    }

    /// The disks that were found, and those that will be made.
    var drives: [VirtualMachine.Drive] {
        let disks = zip(configuration.disks.all, [facts.drive] + facts.disks)
        let hardDisks = disks.enumerated().map { index, item in
            let (disk, inspection) = item
            // Without an image there is a disk to be created, which is a qcow2.
            let image =
                inspection.image
                ?? DiskImage(
                    variable: index == 0 ? "QEMU_DRIVE" : "QEMU_DISKS",
                    top: DiskLayer(
                        DiskFile(toBeMadeAt: disk.path), format: .qcow2,
                        virtualSize: configuration.disks.diskSize?.bytes ?? 0))
            return VirtualMachine.Drive(.disk, image, readOnly: disk.readOnly)
        }
        let cdrom = facts.cdrom?.image.map { VirtualMachine.Drive(.cdrom, $0, readOnly: true) }
        return hardDisks + [cdrom].compactMap { $0 }
    }

    var nodes: [DriveNodes] { VirtualMachine.nodes(of: drives, facts.firmware?.firmware) }
}
