import JSON
import Linux
import Operator

/// Follows the jobs that copy the disks, and gives up those that get nowhere.
struct CopyWatch {
    /// Without a byte written, after which the target counts as stalled. A volume that is only slow flushes what it has taken
    /// in less.
    static let patience = Duration.seconds(30)
    private static let interval = Duration.milliseconds(250)

    /// How far all of them have come, in bytes.
    struct Progress: Equatable, Sendable {
        var done: Int64 = 0
        var total: Int64 = 0
    }

    let qemu: BlockCommands
    /// Whose volumes are to keep their free space.
    let floor: SpaceFloor
    let isCancelled: () -> Bool
    let observe: (Progress) -> Void

    func follow(_ jobs: [String]) throws(ClientFailure) {
        var last = Progress()
        var lastChange = Instant.now()
        while true {
            let states = (try qemu.run("query-jobs").elements ?? []).filter {
                jobs.contains($0["id"]?.text ?? "")
            }
            let (progress, areDone) = try qemu.understood("query-jobs") { () throws(JSONMismatch) in
                try Self.sum(states)
            }
            for state in states {
                if let error = state["error"]?.text {
                    throw ClientFailure(.no, "QEMU could not copy the disk: \(terminalLine(error))")
                }
            }
            if progress != last { (last, lastChange) = (progress, .now()) }
            if areDone { return }
            observe(progress)
            if isCancelled() { throw ClientFailure(.no, "it was cancelled") }
            // As long as the jobs may stand still; looking at the volume can take as long.
            Watchdog.allow(Self.patience)
            try floor.check()
            if Instant.now() - lastChange > Self.patience {
                throw ClientFailure(
                    .deadline,
                    "nothing has been written for \(Self.patience.brief): the volume of BACKUP_DIR does not answer")
            }
            // A job's end is told by an event.
            _ = try qemu.client.waitForMessage(until: .now() + Self.interval)
        }
    }

    private static func sum(_ jobs: [JSONValue]) throws(JSONMismatch) -> (Progress, areDone: Bool) {
        var progress = Progress()
        var areDone = true
        for job in jobs {
            progress.done += try job.integer("current-progress")
            progress.total += try job.integer("total-progress")
            if try job.string("status") != "concluded" { areDone = false }
        }
        return (progress, areDone)
    }
}
