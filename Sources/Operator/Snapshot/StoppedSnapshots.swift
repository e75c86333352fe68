import Basics
import JSON
import Machine

/// Snapshots of the disks of a machine that does not run.
public struct StoppedSnapshots: Snapshots {
    private let images: [DiskImage]
    private let qemuImg: QEMUImg
    public let table: SnapshotTable

    public init(_ images: [DiskImage], _ qemuImg: QEMUImg) throws(ClientFailure) {
        (self.images, self.qemuImg) = (images, qemuImg)
        var disks: [SnapshotTable.Disk] = []
        for image in images {
            disks.append(try Self.look(at: image, qemuImg))
        }
        table = SnapshotTable(disks: disks)
    }

    private static func look(at image: DiskImage, _ qemuImg: QEMUImg) throws(ClientFailure) -> SnapshotTable.Disk {
        try qemuImg.info(of: image.alone) {
            info throws(JSONMismatch) in try SnapshotTable.Disk(ofImage: info, named: image.top.file.path)
        }
    }

    public func create(_ name: SnapshotName, announce: (String) -> Void) throws(ClientFailure) -> String {
        try table.checkCreation(of: name)
        for (index, image) in images.enumerated() {
            do throws(ClientFailure) {
                try snapshot("-c", name, image)
            } catch {
                // All or none.
                for other in images[..<index] { try? snapshot("-d", name, other) }
                throw error
            }
        }
        return "snapshot \(name.text) of the stopped machine has been taken"
    }

    public func revert(to name: SnapshotName, isAgreed: Bool) throws(ClientFailure) -> String {
        let found = try table.find(name)
        try table.checkRevert(to: found)
        try agree(isAgreed, "all that the disks have got since \(found.time) will be lost")
        for (image, disk) in zip(images, table.disks) {
            for bitmap in disk.backupBitmaps {
                try qemuImg.run(["bitmap", "--remove", DiskPreparation.name(of: image), bitmap], on: image)
            }
            try snapshot("-a", name, image)
        }
        let state =
            found.memory > 0
            ? "; it was taken of a guest that ran: the next start finds them as after a power cut" : ""
        let next = table.hasBackupBitmaps ? "; the next backup will be a full one" : ""
        return "the disks are as they were at \(found.time)\(state)\(next)"
    }

    public func delete(_ name: SnapshotName, isAgreed: Bool) throws(ClientFailure) -> String {
        let found = try table.find(name)
        try agree(isAgreed, "the disks as they were at \(found.time) will be lost")
        for image in images where found.disks.contains(image.top.file.path) { try snapshot("-d", name, image) }
        return deleted(name)
    }

    private func snapshot(_ verb: String, _ name: SnapshotName, _ image: DiskImage) throws(ClientFailure) {
        try qemuImg.run(["snapshot", "-q", verb, name.text, DiskPreparation.name(of: image)], on: image)
    }
}
