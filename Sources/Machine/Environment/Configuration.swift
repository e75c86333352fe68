/// What the owner asked for, parsed from the environment once. Nil means "decide from what the host has".
///
/// `Variable.all` declares the variables, in sections of which each has its group here; `Configuration.parse` reads them.
public struct Configuration: Equatable, Sendable {
    public var disks = DiskSettings()
    public var machine = MachineSettings()
    public var network = NetworkSettings()
    public var guest = GuestSettings()
    public var share = ShareSettings()
    public var operation = OperationSettings()
    public var backup = BackupSettings()
    public var offsite = OffsiteSettings()

    public init() {}
}
