import Basics
import Linux
import Machine
import Operator

/// Brings disks back to a backup's point in time. They keep what they have until all is checked and written.
public struct Restoration {
    private let folder: BackupFolder
    private let list: BackupList
    private let chain: [Manifest]
    private let qemuImg: QEMUImg
    private let lock: BackupLock

    public init(_ folder: BackupFolder, _ id: BackupID, _ qemuImg: QEMUImg) throws(ClientFailure) {
        self.folder = folder
        self.qemuImg = qemuImg
        lock = try folder.lockForReading()
        list = try folder.list()
        chain = try list.chain(of: id)
        guard chain.count <= Configuration.FullEvery.mostIncrements + 1 else {
            throw ClientFailure(
                .no,
                "\(id) lies over \(chain.count - 1) others, and \(Configuration.FullEvery.mostIncrements) are the most")
        }
    }

    public var manifest: Manifest { chain[0] }

    /// - Parameters:
    ///   - second: since 1970, for the names of the old disks.
    ///   - progress: told of each step.
    /// - Returns: how it went, a line a disk.
    public func run(
        _ targets: [RestoreTarget], at second: Int, progress: @escaping (String) -> Void
    ) throws(ClientFailure) -> [String] {
        var disks: [NewDisk] = []
        defer { for disk in disks { disk.giveUp() } }
        for target in targets { disks.append(try NewDisk(target.path, replaces: target.replaces)) }
        let problems = try Verifier(folder, list, qemuImg) { progress("verifying \($0)") }.verify([manifest.id])
        if !problems.isEmpty {
            throw ClientFailure(
                .no,
                "\(manifest.id) is not restored: \(problems.map(\.text).joined(separator: "; and ")); the disks are as they were; "
                    + "restore another, drover backup verify --all tells which are right")
        }
        var images: [DiskImage] = []
        for target in targets { images.append(try folder.image(of: target.disk, in: chain)) }
        try checkSpace(disks, images)
        for (index, target) in targets.enumerated() {
            progress("writing \(target.path)")
            try disks[index].write(images[index], as: target.format, qemuImg)
        }
        var lines: [String] = []
        let suffix = "before-restore-\(BackupID(atSecond: second, existing: []).text)"
        for (disk, target) in zip(disks, targets) {
            let kept: String?
            do throws(ClientFailure) {
                kept = try disk.takePlace(keepingOldAs: suffix)
            } catch {
                let done =
                    lines.isEmpty ? "" : "; done before that, repeat it for all: " + lines.joined(separator: "; ")
                throw ClientFailure(error.exit, error.message + done)
            }
            lines.append(
                "\(target.disk): \(quoted(target.path)) is as it was at \(manifest.id.timeText) "
                    + "(\(manifest.consistency.rawValue))\(kept.map { "; the one before is \(quoted($0))" } ?? "")")
        }
        return lines
    }

    /// Volume by volume.
    private func checkSpace(_ disks: [NewDisk], _ images: [DiskImage]) throws(ClientFailure) {
        var needed: [UInt64: Int64] = [:]
        for (disk, image) in zip(disks, images) {
            let (volume, free) = try disk.space()
            let sum = needed[volume, default: 0].addingReportingOverflow(try qemuImg.measure(image))
            needed[volume] = sum.overflow ? .max : sum.partialValue
            guard let all = needed[volume], all <= free else {
                throw ClientFailure(
                    .no,
                    "\(quoted(disk.name)): its volume has \(MiB(bytes: free)) free, and \(MiB(bytes: needed[volume] ?? 0)) are needed; "
                        + "make room, or restore to another volume: --to FILE")
            }
        }
    }
}
