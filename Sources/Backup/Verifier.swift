import Basics
import Linux
import Machine
import Operator

/// Finds out whether backups are what their manifests say: every file of them, and of those that they lie over.
public struct Verifier {
    public struct Problem: Equatable, Sendable {
        public let id: BackupID
        /// The file's path, or the backup, and what is wrong with it.
        public let text: String
    }

    private let folder: BackupFolder
    private let list: BackupList
    private let qemuImg: QEMUImg
    private let guest: GuestID?
    private let threads = ContainerLimits.current().spareCPUs
    /// Told of each file before it is read.
    private let progress: (String) -> Void

    public init(
        _ folder: BackupFolder, _ list: BackupList, _ qemuImg: QEMUImg, progress: @escaping (String) -> Void = { _ in }
    ) throws(ClientFailure) {
        self.folder = folder
        self.list = list
        self.qemuImg = qemuImg
        self.progress = progress
        guest = try folder.guestID()
    }

    /// - Returns: what is wrong with them; each file is looked at once.
    public func verify(_ ids: [BackupID]) -> [Problem] {
        var problems: [Problem] = []
        var parts: Set<BackupID> = []
        for id in ids {
            if let guest, let other = list[id]?.guest, other != guest {
                let path = folder.path(of: "\(id.text)/\(BackupFolder.manifestName)")
                problems.append(
                    Problem(
                        id: id,
                        text: "\(quoted(path)) is of another guest (\(other.text)) than the folder (\(guest.text))"))
                continue
            }
            do throws(ClientFailure) {
                parts.formUnion(try list.chain(of: id).map(\.id))
            } catch {
                problems.append(Problem(id: id, text: error.message))
            }
        }
        for manifest in list.backups where parts.contains(manifest.id) {
            for disk in manifest.disks {
                let path = folder.path(of: "\(manifest.id.text)/\(disk.file)")
                problems += self.problems(of: disk, manifest, path).map {
                    Problem(id: manifest.id, text: "\(quoted(path)) \($0)")
                }
            }
        }
        return problems
    }

    private func problems(of disk: Manifest.Disk, _ manifest: Manifest, _ path: String) -> [String] {
        let found: FoundFile
        let digest: FileDigest
        do throws(Errno) {
            found = try folder.find(disk, of: manifest)
            guard found.status.size == disk.fileSize else {
                return [
                    "has \(found.status.size) bytes instead of \(disk.fileSize): it was cut off, or is another file"
                ]
            }
            progress("\(path) (\(MiB(bytes: disk.fileSize)))")
            digest = try FileDigest(
                of: found.open(), pieceSize: disk.digest.pieceSize, threads: threads)
        } catch {
            return ["cannot be read: \(error)"]
        }
        var problems = headerProblems(found, disk, manifest, path)
        if digest != disk.digest {
            problems.append(
                "has changed since it was made: its SHA-256 is \(digest.sha256) instead of \(disk.digest.sha256)")
        } else if problems.isEmpty {
            do throws(ClientFailure) {
                let image = try folder.image(of: disk.name, in: [manifest])
                // 3: clusters that nothing refers to, which a QEMU that was killed leaves, and which do no harm.
                try qemuImg.run(["check", "-q", DiskPreparation.name(of: image)], on: image, fine: [3])
            } catch {
                problems.append("is not consistent: \(error.message)")
            }
        }
        return problems
    }

    private func headerProblems(
        _ found: FoundFile, _ disk: Manifest.Disk, _ manifest: Manifest, _ path: String
    ) -> [String] {
        let header: DiskHeader
        do throws(DiskHeader.Problem) {
            header = try DiskHeader.read(found)
        } catch {
            switch error {
            case .truncated(let what): return ["is cut off: it ends before \(what)"]
            case .corrupt(let what): return ["has a damaged qcow2 header: \(what)"]
            case .refused(let reason): return [reason]
            case .unreadable(let errno): return ["cannot be read: \(errno)"]
            }
        }
        guard case .qcow2(let qcow2) = header else { return ["is no qcow2"] }
        var problems: [String] = []
        let backing = manifest.backingName(of: disk)
        if qcow2.backingFile != backing || backing != nil && qcow2.backingFormat != "qcow2" {
            problems.append(
                "lies over \(qcow2.backingFile.map { quoted($0) } ?? "nothing") instead of "
                    + "\(backing.map { quoted($0) } ?? "nothing")")
        }
        if qcow2.virtualSize != disk.virtualSize {
            problems.append("is a disk of \(qcow2.virtualSize) bytes instead of \(disk.virtualSize)")
        }
        if qcow2.hasExternalData { problems.append("has its data in another file") }
        if qcow2.encryption != .none { problems.append("is encrypted") }
        return problems
    }
}
