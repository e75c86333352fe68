import Basics

extension Configuration {
    public enum BackupConsistency: String, CaseIterable, Sendable { case auto, require }

    /// After what a backup is a full one again.
    public enum FullEvery: Equatable, Sendable {
        /// So many increments.
        case increments(Int)
        case time(Period)

        /// More files than that, one behind the other, nobody should have to open.
        public static let mostIncrements = 200
    }

    /// How many backups are kept: the newest one of each of the last so many days (weeks, months) that have any.
    public struct BackupKeep: Equatable, Sendable {
        public var last = 0
        public var daily = 0
        public var weekly = 0
        public var monthly = 0

        public init(last: Int = 0, daily: Int = 0, weekly: Int = 0, monthly: Int = 0) {
            (self.last, self.daily, self.weekly, self.monthly) = (last, daily, weekly, monthly)
        }
    }

    /// The backups of a guest that runs. Without a directory there are none.
    public struct BackupSettings: Equatable, Sendable {
        public var directory: String?
        /// Nil: by hand alone.
        public var schedule: Schedule?
        /// Of restore tests; nil: by hand alone.
        public var test: Schedule?
        /// Nil: all of them.
        public var keep: BackupKeep? = BackupKeep(last: 3, daily: 7, weekly: 4, monthly: 6)
        public var fullEvery = FullEvery.time(Period(seconds: 7 * 86_400))
        public var consistency = BackupConsistency.auto
        /// Per second; nil: no limit.
        public var rate: MiB?
        /// Of free space in the directory's volume, which a backup leaves.
        public var floor = MiB(1024)
    }
}
