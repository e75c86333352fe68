extension Subcommand {
    /// Every subcommand, in the order of help. Those that stand together and alike need a run, or none.
    static let all: [Subcommand] = [
        RunCommand.declaration,
        CheckCommand.declaration,
        SeedCommand.declaration,
        AdoptCommand.declaration,

        MonitorCommand.declaration,
        ConsoleCommand.declaration,
        HealthcheckCommand.declaration,
        MetricsCommand.declaration,
        StatusCommand.declaration,
        ScreenCommand.declaration,
        ScreenshotCommand.declaration,
        TypeCommand.declaration,
        StopCommand.declaration,
        StartCommand.declaration,
        GuestCommand.declaration,
        USBCommand.declaration,
        ShareCommand.declaration,
        MemoryCommand.declaration,
        ProvisionCommand.declaration,
        SnapshotCommand.declaration,
        BackupCommand.declaration,
        RestoreCommand.declaration,
        OffsiteCommand.declaration,
        DiskCommand.declaration,
        ImportCommand.declaration,

        CompletionCommand.declaration,
        VersionCommand.declaration,
        HelpCommand.declaration,
    ]
}
