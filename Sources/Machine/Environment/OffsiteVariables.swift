// The copies of the backups elsewhere. They mean nothing to a run.
extension Variable {
    static let offsite = [
        Variable(
            "OFFSITE_SCHEDULE", .offsite, { $0.offsite.schedule }, { $0.offsite.schedule = $1 }, .schedule,
            """
            When the backups are sent to the repository, as for BACKUP_SCHEDULE. After a failure it is tried again within a \
            quarter of an hour.
            """),
        Variable(
            "OFFSITE_KEEP", .offsite, { $0.offsite.keep }, { $0.offsite.keep = $1 }, .keep, orElse: "all",
            """
            Which of the repository's snapshots are kept, as for BACKUP_KEEP. Each has all the backups that were in \
            BACKUP_DIR at its time.
            """),
        Variable(
            "OFFSITE_CHECK", .offsite, { $0.offsite.check }, { $0.offsite.check = $1 }, .schedule, orElse: "none",
            "When the repository is checked after the backups have been sent."),
        Variable(
            "OFFSITE_CHECK_DATA", .offsite, { $0.offsite.checkedPercent }, { $0.offsite.checkedPercent = $1 },
            .integer(0...100, "percent"),
            """
            How much of its data such a check reads, and so fetches; which part, chance decides. With 0 it looks at what \
            there must be, not at what is in it.
            """),
    ]
}
