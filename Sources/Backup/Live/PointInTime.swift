import JSON
import Linux
import Machine
import Operator

/// The moment that a backup shows: from then on every disk's writes go through a filter, which copies what they overwrite.
struct PointInTime {
    let qemu: BlockCommands
    let agent: FreezingAgent
    let disks: [RunningDisk]
    let isAgentRequired: Bool
    /// Takes a line for the log, at once.
    let log: (String) -> Void

    /// Bitmaps for the next backup come first: what they have too much is copied twice, what they lack would be lost.
    ///
    /// - Returns: what state the guest's file systems were in, and why.
    func take(_ id: BackupID) throws(ClientFailure) -> (Manifest.Consistency, reason: String) {
        for disk in disks {
            try qemu.addBitmap(BackupNames.bitmap(of: id), to: disk.name, isPersistent: disk.keepsBitmaps)
        }
        // A stop ends this process by SIGTERM, and is to find the guest as it was.
        return try holdingSignals { () throws(ClientFailure) in try take() }
    }

    private func take() throws(ClientFailure) -> (Manifest.Consistency, reason: String) {
        let isRunning = try qemu.run("query-status")["running"]?.boolean ?? false
        guard isRunning else {
            try insertFilters()
            return (.guestWasPaused, "the guest was paused")
        }
        let reason: String
        switch try agent.way() {
        case .success(let consistency):
            let failure = try marked(BackupNames.frozen) { () throws(ClientFailure) in
                let failure = try agent.freeze()
                if let failure { log("\(failure); what it may have frozen is thawed now") } else { try insertFilters() }
                // Also where it has failed, which may be half-way.
                try agent.thaw()
                return failure
            }
            guard let failure else { return (consistency, "by the guest's agent") }
            reason = failure
        case .failure(let obstacle):
            reason = obstacle.reason
        }
        if isAgentRequired {
            throw ClientFailure(
                .no, "\(reason), and BACKUP_CONSISTENCY=require wants that: see to the agent, or set it to auto")
        }
        if disks.count == 1 {
            try insertFilters()
        } else {
            // Several disks have one point in time only while nothing is written.
            try marked(BackupNames.paused) { () throws(ClientFailure) in
                try qemu.run("stop")
                try insertFilters()
                try qemu.run("cont")
            }
        }
        return (.crashConsistent, reason)
    }

    private func insertFilters() throws(ClientFailure) {
        for disk in disks { try qemu.setDrive(of: disk, to: disk.names.filter) }
    }

    /// Leaves a mark in QEMU while `work` lasts, by which the next process of backups knows what to undo if this one is killed.
    private func marked<Result>(
        _ marker: String, _ work: () throws(ClientFailure) -> Result
    ) throws(ClientFailure) -> Result {
        let node = disks[0].name
        try qemu.addBitmap(marker, to: node, isPersistent: false)
        let result = try work()
        try qemu.removeBitmap(marker, from: node)
        return result
    }
}
