import Basics
import Linux

/// What a disk takes of its volume, and what the volume has left.
public struct DiskSpace: Equatable, Sendable {
    /// Which volume it is.
    public let volume: UInt64
    /// In bytes, as all here.
    public let free: Int64
    /// By the file that grows when the guest writes.
    public let allocated: Int64

    public init(volume: UInt64, free: Int64, allocated: Int64) {
        (self.volume, self.free, self.allocated) = (volume, free, allocated)
    }

    /// Nil for a device, which does not grow.
    init?(of found: FoundFile) throws(Errno) {
        guard found.status.kind == .regular else { return nil }
        self.init(
            volume: found.status.device, free: try freeSpace(found.path), allocated: found.status.allocated)
    }

    init(ofNewFileIn directory: String) throws(Errno) {
        self.init(
            volume: try FileStatus(of: directory).device, free: try freeSpace(directory), allocated: 0)
    }
}

extension DiskSpace {
    /// A disk with its variable and its space, as large as it will be.
    struct Disk {
        let variable: String
        let path: String
        let size: Int64
        let space: DiskSpace

        fileprivate var growth: Int64 { max(0, size - space.allocated) }
    }

    /// One for each volume that is too small for what its disks may still grow.
    static func warnings(_ disks: [Disk]) -> [String] {
        var seen: Set<UInt64> = []
        return disks.filter { seen.insert($0.space.volume).inserted }.compactMap { first in
            let all = disks.filter { $0.space.volume == first.space.volume }
            let growth = all.reduce(Int64(0)) { $0.addingReportingOverflow($1.growth).overflow ? .max : $0 + $1.growth }
            guard growth > first.space.free else { return nil }
            var variables: [String] = []
            for disk in all where !variables.contains(disk.variable) { variables.append(disk.variable) }
            let paths = all.map { quoted($0.path) }.joined(separator: ", ")
            return
                "\(variables.joined(separator: ", ")): \(paths) may still grow by \(MiB(bytes: growth)), and the volume "
                + "has \(MiB(bytes: first.space.free)) free; writes fail when it is full: make room, or use a larger volume"
        }
    }

    /// What an empty qcow2 image of `size` takes at once, as it is made here: L2 tables and reference counts.
    static func metadata(of size: MiB) -> Int64 { size.bytes / (65536 / 8) + size.bytes / (65536 / 2) + (1 << 19) }
}
