import Basics
import Linux
import Machine
import Operator

/// A disk of a backup's, and the file that it is to become.
public struct RestoreTarget: Equatable, Sendable {
    /// In the manifest.
    public let disk: String
    public let path: String
    public let format: Configuration.DiskFormat
    /// Whether it takes the place of a file, which is kept under another name.
    public let replaces: Bool

    /// A new file.
    ///
    /// - Parameter number: of the disk; nil when the backup has no other.
    public static func file(
        _ path: String, disk number: Int?, of manifest: Manifest
    ) throws(ClientFailure) -> [RestoreTarget] {
        let disks = try chosen(number, of: manifest)
        guard let disk = disks.first, disks.count == 1 else {
            throw ClientFailure(
                .usage,
                "\(manifest.id) has \(names(manifest)), and one file takes one of them; name it by its number, such as --disk 0"
            )
        }
        return [RestoreTarget(disk: disk.name, path: path, format: disk.sourceFormat, replaces: false)]
    }

    /// The machine's own disks.
    ///
    /// - Parameter number: of the only one; nil: all that the backup has.
    public static func machine(
        _ configuration: Configuration, disk number: Int?, of manifest: Manifest
    ) throws(ClientFailure) -> [RestoreTarget] {
        let configured = configuration.disks.all
        var targets: [RestoreTarget] = []
        for disk in try chosen(number, of: manifest) {
            guard let index = configured.indices.first(where: { name($0) == disk.name }) else {
                throw ClientFailure(
                    .usage,
                    "the machine has no \(disk.name); add it to QEMU_DISKS, or restore another alone, such as --disk 0")
            }
            if index == 0, configuration.disks.base != nil {
                throw ClientFailure(
                    .usage,
                    "QEMU_BASE: a restored disk holds all of it, and would not lie over the base; unset QEMU_BASE, or restore "
                        + "to another file: --disk 0 --to FILE")
            }
            targets.append(
                RestoreTarget(
                    disk: disk.name, path: configured[index].path, format: configured[index].format ?? .qcow2,
                    replaces: true))
        }
        return targets
    }

    /// Of the node of the machine's disk with this number.
    private static func name(_ number: Int) -> String { "disk\(number)" }

    private static func chosen(_ number: Int?, of manifest: Manifest) throws(ClientFailure) -> [Manifest.Disk] {
        guard let number else { return manifest.disks }
        guard let disk = manifest.disks.first(where: { $0.name == name(number) }) else {
            throw ClientFailure(.usage, "\(manifest.id) has no disk \(number); it has \(names(manifest))")
        }
        return [disk]
    }

    private static func names(_ manifest: Manifest) -> String {
        manifest.disks.map(\.name).joined(separator: ", ")
    }
}
