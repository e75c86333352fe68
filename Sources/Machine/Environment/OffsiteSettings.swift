extension Configuration {
    /// The copies of the backups elsewhere, which a container of their own makes (`drover offsite`).
    public struct OffsiteSettings: Equatable, Sendable {
        public var schedule = Schedule.every(Period(seconds: 86_400))
        /// Nil: all of them.
        public var keep: BackupKeep? = BackupKeep(last: 3, daily: 7, weekly: 4, monthly: 6)
        /// Nil: never.
        public var check: Schedule? = .every(Period(seconds: 7 * 86_400))
        /// Of the repository's data, what a check reads.
        public var checkedPercent = 0
    }
}
