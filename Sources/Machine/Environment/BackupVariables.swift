import Basics

// The backups of a guest that runs.
extension Variable {
    static let backup = [
        Variable(
            "BACKUP_DIR", .backup, { $0.backup.directory }, { $0.backup.directory = $1 }, .path(), orElse: "none",
            """
            The folder of the backups, which belongs to one guest. Best on another volume than the disks, and on no \
            account only there: copy it elsewhere.
            """,
            refused: """
                one that is not there, that is no directory, or that this uid cannot write to; /, and what lies in /dev, \
                /proc, /sys or DROVER_RUNTIME_DIR
                """),
        Variable(
            "BACKUP_SCHEDULE", .backup, { $0.backup.schedule }, { $0.backup.schedule = $1 }, .schedule, orElse: "none",
            defaultText: "none (by drover backup now alone)",
            """
            When a backup is made. One that is missed, as nothing ran or the clock jumped, is made as soon as possible; of \
            several in a row, one. The hours and days are those of UTC.
            """,
            refused: "without BACKUP_DIR, as every BACKUP_ variable"),
        Variable(
            "BACKUP_TEST", .backup, { $0.backup.test }, { $0.backup.test = $1 }, .schedule, orElse: "none",
            defaultText: "none (by drover backup test alone)",
            """
            When the newest backup is tested: a second guest is booted from it, without a network, on disks that are thrown \
            away. It needs memory for that beside the guest that runs.
            """),
        Variable(
            "BACKUP_KEEP", .backup, { $0.backup.keep }, { $0.backup.keep = $1 }, .keep, orElse: "all",
            """
            Which backups are kept: the last ones, and the newest one of each of so many days, weeks and months (UTC) that \
            have any. They are counted: when nothing was backed up for a year, nothing gets too old meanwhile. Kept as well \
            is what a kept increment needs, the newest one that has failed no test, and the newest that has passed one.
            """),
        Variable(
            "BACKUP_FULL_EVERY", .backup, { $0.backup.fullEvery }, { $0.backup.fullEvery = $1 }, .fullEvery,
            """
            A backup holds what has changed since the one before. After so many of these, or so long after the last full \
            one, and after 200 in any case, one is full again; 0 makes all of them so.
            """),
        Variable(
            "BACKUP_CONSISTENCY", .backup, { $0.backup.consistency }, { $0.backup.consistency = $1 }, .choice,
            """
            auto: the guest's file systems are frozen by its agent for the moment, or are as after a power cut when there is \
            none, or it refuses; the manifest says which. require: then there is no backup.
            """),
        Variable(
            "BACKUP_RATE", .backup, { $0.backup.rate }, { $0.backup.rate = $1 }, .size(MiB(1)...MiB(1 << 20)),
            orElse: "none", "How much of the disks is copied in a second at the most."),
        Variable(
            "BACKUP_FLOOR", .backup, { $0.backup.floor }, { $0.backup.floor = $1 }, .size(MiB(0)...MiB(64 << 20)),
            "Free space of the volume of BACKUP_DIR, and of the disks, below which a backup is given up."),
    ]
}

extension ValueSyntax where Value == Configuration.FullEvery {
    fileprivate static var fullEvery: ValueSyntax<Configuration.FullEvery> {
        ValueSyntax("NUMBER|PERIOD", range: "0 to 200 increments, or 12h, 7d, 4w and the like") {
            text throws(Rejection) in
            if let count = Int(decimal: text), count <= Configuration.FullEvery.mostIncrements {
                return .increments(count)
            }
            guard let period = Period(text.lowercased()) else {
                throw Rejection(text, "is neither a number of increments nor a time; write 0 to 200, or 7d")
            }
            return .time(period)
        } show: { value in
            switch value {
            case .increments(let count): "\(count)"
            case .time(let period): period.text
            }
        }
    }
}

extension ValueSyntax where Value == Configuration.BackupKeep {
    static var keep: ValueSyntax<Configuration.BackupKeep> {
        ValueSyntax("last=N,daily=N,weekly=N,monthly=N", range: "one or more of them, each 1 to 1000") {
            text throws(Rejection) in
            var keep = Configuration.BackupKeep()
            var seen: Set<String> = []
            for entry in text.lowercased().split(separator: ",", omittingEmptySubsequences: false) {
                let parts = entry[...].trimmed.split(separator: "=", omittingEmptySubsequences: false)
                guard parts.count == 2, let count = Int(decimal: parts[1]), (1...1000).contains(count) else {
                    throw Rejection(text, "is no number of backups; write last=3,daily=7, each 1 to 1000, or all")
                }
                let name = String(parts[0])
                guard seen.insert(name).inserted else { throw Rejection(text, "has \(quoted(name)) twice; remove one") }
                switch name {
                case "last": keep.last = count
                case "daily": keep.daily = count
                case "weekly": keep.weekly = count
                case "monthly": keep.monthly = count
                default:
                    throw Rejection(
                        text, "has \(quoted(name)), which is not known; write last, daily, weekly or monthly")
                }
            }
            return keep
        } show: { keep in
            [("last", keep.last), ("daily", keep.daily), ("weekly", keep.weekly), ("monthly", keep.monthly)]
                .filter { $0.1 > 0 }.map { "\($0.0)=\($0.1)" }.joined(separator: ",")
        }
    }
}
