import Machine
import Operator

/// Whether a backup can be an increment.
extension Manifest.Kind {
    /// - Parameter now: a second since 1970.
    init(
        of disks: [RunningDisk], after list: BackupList, isFullAsked: Bool, _ fullEvery: Configuration.FullEvery,
        now: Int
    ) {
        guard let last = list.backups.last else {
            self = .full(reason: "it is the first")
            return
        }
        let reason =
            isFullAsked
            ? "it was asked for"
            : Self.obstacle(disks, last) ?? Self.obstacle(list, last) ?? Self.limit(list, last, fullEvery, now)
        self = reason.map { .full(reason: $0) } ?? .increment(of: last.id)
    }

    /// Where what has changed is not known.
    private static func obstacle(_ disks: [RunningDisk], _ last: Manifest) -> String? {
        guard disks.map(\.name) == last.disks.map(\.name) else {
            return "the machine has other disks than at \(last.id)"
        }
        for (disk, before) in zip(disks, last.disks) {
            if disk.size != before.virtualSize { return "\(disk.name) has another size than at \(last.id)" }
            let unknown = "what has changed on \(disk.name) since \(last.id) is not known"
            guard let bitmap = disk.bitmap(of: last.id) else {
                return unknown
                    + (disk.keepsBitmaps
                        ? ": the disk was replaced, restored or reverted, or QEMU was killed"
                        : ": a raw image keeps no bitmap when QEMU ends")
            }
            if !bitmap.isWhole { return unknown + ": QEMU was killed" }
        }
        return nil
    }

    /// Where the last one is of no use to build on.
    private static func obstacle(_ list: BackupList, _ last: Manifest) -> String? {
        do throws(ClientFailure) {
            return list.damage(in: try list.chain(of: last.id)).map { "\($0) is damaged, as verifying has found" }
        } catch {
            return "the last one cannot be restored: \(error.message)"
        }
    }

    private static func limit(
        _ list: BackupList, _ last: Manifest, _ fullEvery: Configuration.FullEvery, _ now: Int
    ) -> String? {
        guard let chain = try? list.chain(of: last.id), let full = chain.last else { return nil }
        let increments = chain.count - 1
        let isDue =
            switch fullEvery {
            case .increments(let count): increments >= count
            case .time(let period): now - full.id.second >= period.seconds
            }
        if isDue { return "BACKUP_FULL_EVERY wants one" }
        let most = Configuration.FullEvery.mostIncrements
        return increments >= most ? "there are \(most) increments" : nil
    }
}
