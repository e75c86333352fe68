import Basics
import JSON
import Linux
import Machine
import Operator
import QMP

/// One backup of a machine that runs: a fleeced push.
///
/// Between the guest and each disk stands a filter that copies what is about to be overwritten into a fleece, a sparse file
/// beside the disk. QEMU reads the disk as it was through both and writes it to a server of ours, so that neither a slow nor a
/// dead target holds the guest up.
struct LiveBackup {
    let client: QMPClient
    let folder: BackupFolder
    let setup: BackupSetup
    let log: (String) -> Void
    let isCancelled: () -> Bool
    let observe: (BackupProgress) -> Void

    private var qemu: BlockCommands { BlockCommands(client: client) }

    /// Its end in good order: what it has put into QEMU is taken out again, also when it throws.
    func make(isFull: Bool, label: String?) throws(ClientFailure) -> Manifest {
        let began = Instant.now()
        let writer = try BackupWriter(folder, holder: "a backup")
        try writer.removePartials()
        let list = try folder.list()
        let last = list.backups.last
        try Leftovers(qemu).remove(keeping: [last?.id])
        let disks = try qemu.disks()
        guard !disks.isEmpty else { throw ClientFailure(.no, "the machine has no disk of its own that it writes to") }
        let directories = Set(disks.map { directoryName(setup.fleece(of: $0, folder)) } + [folder.path])
        let floor = SpaceFloor(floor: setup.floor, directories: directories.sorted())
        try floor.check()
        let now = currentSecond()
        let kind = Manifest.Kind(of: disks, after: list, isFullAsked: isFull, setup.fullEvery, now: now)
        let id = BackupID(atSecond: now, existing: list.taken)
        var progress = BackupProgress(id: id, kind: kind, targets: disks.map(\.names.target))
        observe(progress)
        let path = try writer.begin(id)
        var servers: [TargetServer] = []
        var fleeces: [Descriptor] = []
        let manifest: Manifest
        do throws(ClientFailure) {
            for disk in disks { servers.append(try makeTarget(of: disk, in: path, kind.parent)) }
            for disk in disks { fleeces.append(try addNodes(of: disk)) }
            let consistency = try PointInTime(
                qemu: qemu, agent: FreezingAgent(client), disks: disks, isAgentRequired: setup.isAgentRequired, log: log
            ).take(id)
            for disk in disks { try startJob(of: disk, since: kind.parent, count: disks.count) }
            try CopyWatch(qemu: qemu, floor: floor, isCancelled: isCancelled) {
                for server in servers { server.beginFlush() }
                progress.step = .copying($0)
                progress.fleece = fleeces.reduce(0) { $0 + ((try? $1.status().allocated) ?? 0) }
                observe(progress)
            }.follow(disks.map(\.names.job))
            try Leftovers(qemu).remove(keeping: [last?.id, id])
            progress.step = .writing
            progress.fleece = 0
            fleeces = []
            observe(progress)
            Watchdog.allow(Self.flushTime + BackupService.patience)
            for server in servers { try server.end(until: .now() + Self.flushTime) }
            // Beside the hashing.
            for server in servers { server.beginFlush() }
            manifest = try complete(id, label, kind, disks, servers, writer, consistency, began)
        } catch {
            Watchdog.allow(BackupService.patience)
            try? qemu.cutTargets(of: disks)
            for server in servers { server.kill() }
            _ = try? Leftovers(qemu).remove(keeping: [last?.id])
            _ = try? writer.removePartials()
            throw error
        }
        // If this fails, the next one does it.
        _ = try? Leftovers(qemu).remove(keeping: [id])
        return manifest
    }

    /// For the target's volume to take what is still in memory.
    static let flushTime = Duration.seconds(600)

    // MARK: Into QEMU

    private func makeTarget(
        of disk: RunningDisk, in path: String, _ parent: BackupID?
    ) throws(ClientFailure) -> TargetServer {
        let file = "\(path)/\(Manifest.Disk.file(of: disk.name))"
        try setup.qemuImg.createTarget(
            file, size: disk.size, behind: parent.map { "../\($0)/\(Manifest.Disk.file(of: disk.name))" })
        let server = try TargetServer(
            setup.qemuNBD, file: file, socket: "\(setup.socketDirectory)/backup-\(disk.name).sock")
        try server.connect(qemu, node: disk.names.target)
        return server
    }

    /// - Returns: the fleece.
    private func addNodes(of disk: RunningDisk) throws(ClientFailure) -> Descriptor {
        let fleece = setup.fleece(of: disk, folder)
        let file: Descriptor
        do throws(Errno) {
            try? removeFile(fleece)
            file = try Descriptor.open(fleece, [.readWrite, .create, .exclusive])
            try file.truncate(to: disk.size)
        } catch {
            throw ClientFailure(
                .no, "\(quoted(fleece)) cannot be made: \(error); the guest's overwritten data goes there")
        }
        // QEMU has it open then: nothing is left of it, whoever is killed.
        defer { try? removeFile(fleece) }
        try qemu.run(
            "blockdev-add",
            ["driver": "file", "node-name": .string(disk.names.fleece), "filename": .string(fleece)])
        try qemu.run(
            "blockdev-add",
            [
                "driver": "copy-before-write", "node-name": .string(disk.names.filter), "file": .string(disk.name),
                "target": .string(disk.names.fleece), "on-cbw-error": "break-snapshot", "cbw-timeout": 10,
            ])
        return file
    }

    private func startJob(of disk: RunningDisk, since parent: BackupID?, count: Int) throws(ClientFailure) {
        let names = disk.names
        try qemu.run(
            "blockdev-add",
            ["driver": "snapshot-access", "node-name": .string(names.access), "file": .string(names.filter)])
        var job: [(name: String, value: JSONValue?)] = [
            ("job-id", .string(names.job)), ("device", .string(names.access)), ("target", .string(names.target)),
            ("on-target-error", "report"), ("auto-dismiss", false),
            ("speed", setup.rate.map { .integer($0 / Int64(count)) }),
        ]
        if let parent {
            // It may have a little more by now, which is as it was.
            try qemu.run(
                "block-dirty-bitmap-add",
                ["node": .string(names.access), "name": .string(BackupNames.changes), "disabled": true])
            try qemu.run(
                "block-dirty-bitmap-merge",
                [
                    "node": .string(names.access), "target": .string(BackupNames.changes),
                    "bitmaps": [
                        ["node": .string(disk.name), "name": .string(BackupNames.bitmap(of: parent))]
                    ],
                ])
            job += [("sync", "bitmap"), ("bitmap", .string(BackupNames.changes)), ("bitmap-mode", "never")]
        } else {
            job.append(("sync", "full"))
        }
        try qemu.run("blockdev-backup", .object(job))
    }

    // MARK: Into the folder

    private func complete(
        _ id: BackupID, _ label: String?, _ kind: Manifest.Kind, _ disks: [RunningDisk], _ servers: [TargetServer],
        _ writer: BackupWriter, _ consistency: (Manifest.Consistency, reason: String), _ began: Instant
    ) throws(ClientFailure) -> Manifest {
        var copies: [Manifest.Disk] = []
        for disk in disks {
            Watchdog.allow(BackupService.patience)
            let (digest, size) = try writer.measure(disk.name, of: id) { Watchdog.allow(BackupService.patience) }
            copies.append(
                Manifest.Disk(
                    name: disk.name, virtualSize: disk.size, fileSize: size, digest: digest,
                    sourceFormat: disk.format == "raw" ? .raw : .qcow2, bitmap: BackupNames.bitmap(of: id)))
        }
        Watchdog.allow(Self.flushTime)
        for server in servers { try server.flush() }
        let manifest = Manifest(
            id: id, label: label, guest: try writer.guestID(), kind: kind,
            seconds: Double((Instant.now() - began).nanoseconds) / 1e9,
            consistency: consistency.0, consistencyReason: consistency.reason,
            qemuVersion: try client.status(until: .now() + BlockCommands.patience).qemu?.version ?? "unknown",
            machineType: try machineType(), droverVersion: setup.droverVersion, disks: copies,
            configuration: setup.configuration)
        Watchdog.allow(Self.flushTime)
        try writer.complete(manifest)
        return manifest
    }

    private func machineType() throws(ClientFailure) -> String {
        let machine = try qemu.run("qom-get", ["path": "/machine", "property": "type"])
        return machine.text.map { $0.hasSuffix("-machine") ? String($0.dropLast("-machine".count)) : $0 } ?? "unknown"
    }
}
