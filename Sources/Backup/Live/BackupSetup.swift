import Basics
import Linux
import Machine
import Operator

/// What stays the same for all backups of a run.
public struct BackupSetup: Sendable {
    let qemuImg: QEMUImg
    /// The path of qemu-nbd.
    let qemuNBD: String
    /// For the sockets between QEMU and qemu-nbd.
    let socketDirectory: String
    /// By the disk's name: beside it, where QEMU may make files.
    let diskDirectories: [String: String]
    let isAgentRequired: Bool
    /// Bytes a second, of all disks together; nil: as fast as can be.
    let rate: Int64?
    /// Bytes that stay free on the volumes that a backup writes to.
    let floor: Int64
    let droverVersion: String
    let fullEvery: Configuration.FullEvery
    /// Nil: by order alone.
    let schedule: Schedule?
    /// Of tests; nil: by order alone.
    let testSchedule: Schedule?
    let keep: Configuration.BackupKeep?
    /// For the manifest.
    let configuration: [Manifest.Setting]
    /// How a backup is tested while the guest runs.
    let test: @Sendable (BackupFolder) -> RestoreTest
}

extension BackupSetup {
    /// - Parameter path: the PATH by which a test finds QEMU.
    public init(
        _ parsed: ParsedConfiguration, qemuImg: QEMUImg, qemuNBD: String, droverVersion: String, path: String
    ) {
        self.qemuImg = qemuImg
        self.qemuNBD = qemuNBD
        self.droverVersion = droverVersion
        let settings = parsed.configuration.backup
        socketDirectory = parsed.configuration.operation.runtimeDirectory
        diskDirectories = Self.diskDirectories(of: parsed.configuration)
        isAgentRequired = settings.consistency == .require
        rate = settings.rate?.bytes
        floor = settings.floor.bytes
        fullEvery = settings.fullEvery
        schedule = settings.schedule
        testSchedule = settings.test
        keep = settings.keep
        configuration = parsed.settings
        test = {
            RestoreTest(
                $0, parsed.configuration, isBesideRun: true, droverVersion: droverVersion, path: path)
        }
    }

    /// What a guest overwrites while it is backed up. Beside the disk where that is a file, for the guest waits for it.
    func fleece(of disk: RunningDisk, _ folder: BackupFolder) -> String {
        "\(diskDirectories[disk.name] ?? folder.path)/.drover-fleece-\(disk.name)"
    }

    /// Of those that are files, in directories where files can be made.
    private static func diskDirectories(of configuration: Configuration) -> [String: String] {
        var directories: [String: String] = [:]
        for (index, disk) in configuration.disks.all.enumerated() {
            guard let status = try? FileStatus(of: disk.path), status.kind == .regular else { continue }
            let directory = directoryName(disk.path)
            if canAccess(directory, writing: true, searching: true) { directories["disk\(index)"] = directory }
        }
        return directories
    }
}
