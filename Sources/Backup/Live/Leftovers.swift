import JSON
import Linux
import Operator

/// Takes out of QEMU what a backup has put there, however far it came: its own end, and that of one whose process was killed.
struct Leftovers {
    private let qemu: BlockCommands
    private let agent: FreezingAgent

    init(_ qemu: BlockCommands) {
        self.qemu = qemu
        agent = FreezingAgent(qemu.client)
    }

    /// - Parameter kept: the backups whose bitmaps are to stay, for the next one begins with the last one's; nil: all.
    /// - Returns: what was found and undone, for the log; nothing when all was in order.
    @discardableResult
    func remove(keeping kept: [BackupID?]?) throws(ClientFailure) -> [String] {
        var undone: [String] = []
        var thawFailure: ClientFailure?
        let disks = try qemu.disks()
        if let disk = disks.first {
            let markers = disk.bitmaps.map(\.name)
            if markers.contains(BackupNames.frozen) {
                do throws(ClientFailure) {
                    try agent.thaw()
                    try qemu.removeBitmap(BackupNames.frozen, from: disk.name)
                    undone.append("the guest's file systems were frozen")
                } catch {
                    // The rest is to go all the same.
                    thawFailure = error
                }
            }
            if markers.contains(BackupNames.paused) {
                try qemu.run("cont")
                try qemu.removeBitmap(BackupNames.paused, from: disk.name)
                undone.append("the guest was paused")
            }
        }
        if try endJobs(of: disks) { undone.append("a copy was under way") }
        let present = try qemu.nodes()
        // While the filter is read through, it does not let the disk go.
        try removeNodes(disks.map(\.names.access), of: present)
        for disk in disks where disk.isFiltered {
            try qemu.setDrive(of: disk, to: disk.name)
            undone.append("\(disk.name) was filtered")
        }
        for disk in disks {
            try removeNodes([disk.names.filter, disk.names.fleece, disk.names.target], of: present)
        }
        for disk in disks {
            for bitmap in disk.bitmaps {
                guard let kept, let id = BackupNames.backup(ofBitmap: bitmap.name), !kept.contains(id) else { continue }
                try qemu.removeBitmap(bitmap.name, from: disk.name)
            }
        }
        if let thawFailure { throw thawFailure }
        return undone
    }

    /// - Returns: whether there was one.
    private func endJobs(of disks: [RunningDisk]) throws(ClientFailure) -> Bool {
        let deadline = Instant.now() + BlockCommands.patience
        var isFirst = true
        while true {
            let jobs = try qemu.jobs()
            if jobs.isEmpty { return !isFirst }
            guard Instant.now() < deadline else {
                throw ClientFailure(.deadline, "a backup's job does not end, though its target is gone")
            }
            if isFirst, !jobs.allSatisfy({ $0["status"]?.text == "concluded" }) { try qemu.cutTargets(of: disks) }
            for job in jobs {
                let id: JSONValue = ["id": job["id"]]
                try qemu.tryRun(job["status"]?.text == "concluded" ? "job-dismiss" : "job-cancel", id)
            }
            isFirst = false
            try qemu.client.pause(until: .now() + .milliseconds(20))
        }
    }

    private func removeNodes(_ names: [String], of present: Set<String>) throws(ClientFailure) {
        for name in names where present.contains(name) {
            try qemu.run("blockdev-del", ["node-name": .string(name)])
        }
    }
}
