import Basics
import JSON
import Linux
import Machine
import Operator

/// A guest's backups on their way to a repository of restic's, which is that guest's alone: each snapshot in it is the whole
/// folder, as it was at its time.
public struct OffsiteCopy {
    /// For what has to be asked of the repository before any data.
    private static let patience = 120
    /// Another restic may be at work there, such as one that its owner has started.
    private static let sharing = ["--retry-lock", "5m"]
    /// What is no backup yet, or no longer; who is at work; what a guest overwrites meanwhile.
    private static let left = ["*" + BackupFolder.partialSuffix, BackupFolder.lockName, ".drover-fleece-*"]

    private let restic: Restic
    private let folder: BackupFolder
    private let settings: Configuration.OffsiteSettings
    private let log: (LogLevel, String) -> Void

    public init(
        _ restic: Restic, _ folder: BackupFolder, _ settings: Configuration.OffsiteSettings,
        log: @escaping (LogLevel, String) -> Void
    ) {
        (self.restic, self.folder, self.settings, self.log) = (restic, folder, settings, log)
    }

    /// When the last snapshot was made, since 1970; nil when there is none.
    ///
    /// - Throws: also when the repository has snapshots of something else.
    public func last() throws(ClientFailure) -> Int? {
        let answer = try restic.run(
            ["snapshots", "--json", "--no-lock", "--latest", "1", "--group-by", "host"], within: Self.patience)
        guard answer.isGood else { throw answer.failure(of: "the repository") }
        let guest = try folder.guestID()?.text
        var last: Int?
        for group in try answer.json().elements ?? [] {
            let host = group["group_key"]?["hostname"]?.text ?? ""
            guard guest == nil || host == guest else {
                throw ClientFailure(
                    .no,
                    "the repository has snapshots of \(quoted(host, limit: 60)), and this guest is \(guest ?? ""); give each "
                        + "guest a repository of its own")
            }
            let times = (group["snapshots"]?.elements ?? []).compactMap { $0["time"]?.text }
            last = ([last] + times.map { CivilTime(rfc3339: $0)?.secondsSince1970 }).compactMap { $0 }.max()
        }
        return last
    }

    /// Makes a snapshot of the folder, and removes those that are not kept.
    public func send() throws(ClientFailure) {
        // An empty folder, such as of a volume that is not mounted, must not take the place of what the repository has.
        let list = try folder.list()
        let backups = list.backups
        guard let newest = backups.last, let guest = try folder.guestID()?.text else {
            let reason = list.broken.first.map { "\($0.id): \($0.reason)" } ?? "nothing to send"
            throw ClientFailure(.absent, "there is no complete backup in \(quoted(folder.path)): \(reason)")
        }
        _ = try last()
        try unlock()
        let sent = try snapshot(of: guest)
        let (id, read, added) = (
            sent["snapshot_id"]?.text ?? "", bytes(sent, "total_bytes_processed"), bytes(sent, "data_added_packed")
        )
        let seconds = Duration.seconds(sent["total_duration"]?.double ?? 0).brief
        let count = backups.count == 1 ? "1 backup" : "\(backups.count) backups"
        log(
            .info,
            "snapshot \(id.prefix(8)) is in the repository: \(count), the newest \(newest.id); \(read) read, "
                + "\(added) sent in \(seconds)")
        do throws(ClientFailure) {
            try forget(guest)
        } catch {
            if restic.isStopping { throw error }
            // The backups are there, and the next time sees to the rest.
            log(.warning, error.message)
        }
    }

    /// A backup that is pruned while restic is at it leaves a snapshot without it: then another one is made.
    private func snapshot(of guest: String) throws(ClientFailure) -> JSONValue {
        let options = ["backup", "--json", "--quiet", "--host", guest, "--group-by", "host"] + Self.sharing
        let arguments = options + Self.left.flatMap { ["--exclude", $0] } + [folder.path]
        let first = try restic.run(arguments)
        if first.isGood { return try first.json() }
        guard first.isIncomplete else { throw first.failure(of: "the snapshot") }
        log(
            .warning,
            "a file could not be read (\(first.reason)); once more, as a backup may have been pruned meanwhile")
        let second = try restic.run(arguments)
        guard second.isGood || second.isIncomplete else { throw second.failure(of: "the snapshot") }
        if let id = try first.json()["snapshot_id"]?.text {
            _ = try restic.run(["forget", "--quiet", id], within: Self.patience)
        }
        guard second.isGood else {
            let id = try second.json()["snapshot_id"]?.text.map { String($0.prefix(8)) } ?? "the newest one"
            throw ClientFailure(
                .no,
                "snapshot \(id) is incomplete: \(second.reason); look whether drover backup verify --all finds it too")
        }
        return try second.json()
    }

    /// Removes locks that nobody refreshes any more, or whose restic has ended. One whose process has, by chance, the number of
    /// a thread of this one stays, so this is done before each that needs the repository for itself.
    private func unlock() throws(ClientFailure) {
        _ = try restic.run(["unlock", "--quiet"], within: Self.patience)
    }

    private func forget(_ guest: String) throws(ClientFailure) {
        guard let keep = settings.keep else { return }
        try unlock()
        let counts = [
            ("last", keep.last), ("daily", keep.daily), ("weekly", keep.weekly), ("monthly", keep.monthly),
        ]
        let options = counts.filter { $0.1 > 0 }.flatMap { ["--keep-\($0.0)", "\($0.1)"] }
        let arguments = ["forget", "--json", "--prune", "--host", guest, "--group-by", "host"] + Self.sharing
        let answer = try restic.run(arguments + options)
        guard answer.isGood else { throw answer.failure(of: "OFFSITE_KEEP") }
        let groups = try answer.json().elements ?? []
        let removed = groups.reduce(0) { $0 + ($1["remove"]?.elements ?? []).count }
        let kept = groups.reduce(0) { $0 + ($1["keep"]?.elements ?? []).count }
        if removed > 0 { log(.info, "OFFSITE_KEEP: removed \(removed) of \(removed + kept) snapshots") }
    }

    /// Looks whether the repository has what its snapshots need, and at some of it.
    ///
    /// - Throws: with exit `.deadline` when it could not be looked at.
    public func check() throws(ClientFailure) {
        try unlock()
        let percent = settings.checkedPercent
        let data = percent > 0 ? ["--read-data-subset", "\(percent)%"] : []
        let answer = try restic.run(["check", "--quiet"] + data + Self.sharing)
        guard answer.isGood else {
            if answer.isLocked { throw answer.failure(of: "the check") }
            throw ClientFailure(
                .no,
                "the repository has errors, or cannot be read: \(answer.reason); see restic check, and keep BACKUP_DIR")
        }
        let looked = percent > 0 ? ", and \(percent)% of its data read" : ""
        log(.info, "the repository has been checked\(looked): no errors")
    }

    private func bytes(_ summary: JSONValue, _ name: String) -> MiB {
        MiB(bytes: Int64(summary[name]?.double ?? 0) + (1 << 19))
    }
}
