import Basics
import Linux
import Machine
import Operator

extension BackupFolder {
    /// A file of a backup's. It is the one that was looked at, whatever becomes of its name.
    func find(_ disk: Manifest.Disk, of manifest: Manifest) throws(Errno) -> FoundFile {
        try FoundFile(behind: try folder.folder(manifest.id.text).file(disk.file))
    }

    /// A disk as it was at a backup's point in time, for qemu-img, which follows no name in the files.
    ///
    /// - Parameter chain: from `BackupList.chain`, as far as it is to be looked at.
    func image(of disk: String, in chain: [Manifest]) throws(ClientFailure) -> DiskImage {
        var layers: [DiskLayer] = []
        for manifest in chain {
            guard let part = manifest.disks.first(where: { $0.name == disk }) else { continue }
            let name = "\(manifest.id.text)/\(part.file)"
            let found = try on(name) { () throws(Errno) in try find(part, of: manifest) }
            layers.append(DiskLayer(DiskFile(path(of: name), found), format: .qcow2, virtualSize: part.virtualSize))
        }
        guard let top = layers.first else { throw ClientFailure(.no, "\(chain.first?.id.text ?? "") has no \(disk)") }
        return DiskImage(variable: "BACKUP_DIR", top: top, backing: Array(layers.dropFirst()), backingIsFixed: true)
    }
}
