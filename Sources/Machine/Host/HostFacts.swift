import Basics
import Linux

/// What the host has, gathered once; only what the configuration leaves open is probed.
public struct HostFacts: Sendable {
    /// Nil when TCG is asked for: nothing was probed.
    public var kvm: KVMFinding?
    public var limits: ContainerLimits
    /// The mode, or the fault that stands in its way.
    public var asyncIO: Result<AsyncIOChoice, Fault>
    public var process: ProcessIdentity
    public var drive: DiskInspection
    /// In the order of `Configuration.disks.further`.
    public var disks: [DiskInspection]
    /// Nil when none is configured.
    public var cdrom: DiskInspection?
    /// Nil when the guest boots by the BIOS, which QEMU brings.
    public var firmware: FirmwareFinding?
    /// Why the local time is not known; nil when it is, or is not needed.
    public var timeZone: Fault?
    /// Addresses that forwards listen on and this machine does not have.
    public var strayAddresses: [String]
    /// Why the backups cannot be where they are to be.
    public var backup: Fault?
    /// Why metrics cannot be served where they are to be.
    public var metrics: Fault?
    /// What is known of the guest's seed.
    public var seed: SeedFinding
    /// What is known of the shared folder.
    public var share: ShareFinding
    /// What is known of the VNC server's password.
    public var vnc: VNCFinding

    public init(
        kvm: KVMFinding?, limits: ContainerLimits, asyncIO: Result<AsyncIOChoice, Fault>, process: ProcessIdentity,
        drive: DiskInspection, disks: [DiskInspection], cdrom: DiskInspection?, firmware: FirmwareFinding? = nil,
        timeZone: Fault? = nil,
        strayAddresses: [String] = [], backup: Fault? = nil, metrics: Fault? = nil,
        seed: SeedFinding = SeedFinding(), vnc: VNCFinding = VNCFinding(), share: ShareFinding = ShareFinding()
    ) {
        self.kvm = kvm
        self.limits = limits
        self.asyncIO = asyncIO
        self.process = process
        self.drive = drive
        self.disks = disks
        self.cdrom = cdrom
        self.firmware = firmware
        self.timeZone = timeZone
        self.strayAddresses = strayAddresses
        self.backup = backup
        self.metrics = metrics
        self.seed = seed
        self.vnc = vnc
        self.share = share
    }

    /// - Parameters:
    ///   - seed: found by who reads the secrets, as `vnc` is.
    ///   - share: found by who makes the CD.
    ///   - kvm: a fake in tests.
    public static func gather(
        for configuration: Configuration, process: ProcessIdentity = .current(), seed: SeedFinding = SeedFinding(),
        vnc: VNCFinding = VNCFinding(), share: ShareFinding = ShareFinding(), kvm probe: KVMProbe = .host
    ) -> HostFacts {
        let inspector = inspector(configuration, process)
        return HostFacts(
            kvm: configuration.machine.accelerator == .tcg ? nil : probe.find(),
            limits: .current(),
            asyncIO: asyncIO(configuration, process),
            process: process,
            drive: drive(configuration, inspector),
            disks: further(configuration, inspector),
            cdrom: configuration.disks.cdrom.map {
                inspector.inspect(DiskRequest(path: $0, format: .raw, readOnly: true, variable: "QEMU_CDROM"))
            },
            firmware: configuration.machine.firmware == .bios ? nil : FirmwareFinding(configuration, process),
            timeZone: configuration.machine.clock == .utc ? nil : TimeZone.fault(configuration.machine.timeZone),
            strayAddresses: strayAddresses(configuration), backup: BackupDirectory.fault(configuration, process),
            metrics: MetricsSocket.fault(configuration, process),
            seed: seed, vnc: vnc, share: share)
    }

    /// What is found of the disks alone, the system disk first.
    public static func disks(for configuration: Configuration, process: ProcessIdentity = .current())
        -> [DiskInspection]
    {
        let inspector = inspector(configuration, process)
        return [drive(configuration, inspector)] + further(configuration, inspector)
    }

    private static func inspector(_ configuration: Configuration, _ process: ProcessIdentity) -> DiskInspector {
        DiskInspector(process: process, allowBacking: configuration.disks.allowBacking)
    }

    private static func further(_ configuration: Configuration, _ inspector: DiskInspector) -> [DiskInspection] {
        configuration.disks.further.map { disk(configuration, $0, "QEMU_DISKS", inspector) }
    }

    private static func strayAddresses(_ configuration: Configuration) -> [String] {
        var stray: [String] = []
        for forward in configuration.network.forwards.map(\.forward) {
            guard let address = forward.hostAddress, !stray.contains(address) else { continue }
            if !isLocalAddress(address, datagrams: forward.transport == .udp) { stray.append(address) }
        }
        return stray
    }

    private static func drive(_ configuration: Configuration, _ inspector: DiskInspector) -> DiskInspection {
        let settings = configuration.disks
        guard let base = settings.base else { return disk(configuration, settings.drive, "QEMU_DRIVE", inspector) }
        let found = inspector.inspect(
            DiskRequest(path: base.path, format: base.format, readOnly: true, variable: "QEMU_BASE"))
        return disk(
            configuration, settings.drive, "QEMU_DRIVE", found.image.map(inspector.over) ?? inspector, over: found)
    }

    private static func disk(
        _ configuration: Configuration, _ disk: Configuration.Disk, _ variable: String, _ inspector: DiskInspector,
        over base: DiskInspection? = nil
    ) -> DiskInspection {
        let settings = configuration.disks
        let isThrownAway = settings.snapshot && !disk.readOnly
        var result = inspector.inspect(
            DiskRequest(
                path: disk.path, format: disk.format, readOnly: disk.readOnly || isThrownAway, variable: variable,
                mayBeMissing: settings.createDisk || base != nil && !isThrownAway))
        if let base { result = result.over(base, drive: disk.path, size: settings.diskSize) }
        return isThrownAway ? result.thrownAway(in: configuration.operation.runtimeDirectory) : result
    }

    private static func asyncIO(
        _ configuration: Configuration, _ process: ProcessIdentity
    ) -> Result<AsyncIOChoice, Fault> {
        do throws(Fault) {
            return .success(
                try AsyncIOProbe.choose(
                    requested: configuration.disks.asyncIO, cache: configuration.disks.cache,
                    orchestrator: process.orchestrator))
        } catch {
            return .failure(error)
        }
    }
}
