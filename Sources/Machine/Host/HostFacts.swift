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
    /// Why the local time is not known; nil when it is, or is not needed.
    public var timeZone: Fault?
    /// Addresses that forwards listen on and this machine does not have.
    public var strayAddresses: [String]
    /// What is known of the guest's seed.
    public var seed: SeedFinding
    /// What is known of the VNC server's password.
    public var vnc: VNCFinding

    public init(
        kvm: KVMFinding?, limits: ContainerLimits, asyncIO: Result<AsyncIOChoice, Fault>, process: ProcessIdentity,
        drive: DiskInspection, disks: [DiskInspection], cdrom: DiskInspection?, timeZone: Fault? = nil,
        strayAddresses: [String] = [],
        seed: SeedFinding = SeedFinding(), vnc: VNCFinding = VNCFinding()
    ) {
        self.kvm = kvm
        self.limits = limits
        self.asyncIO = asyncIO
        self.process = process
        self.drive = drive
        self.disks = disks
        self.cdrom = cdrom
        self.timeZone = timeZone
        self.strayAddresses = strayAddresses
        self.seed = seed
        self.vnc = vnc
    }

    /// - Parameters:
    ///   - seed: found by who reads the secrets, as `vnc` is.
    ///   - kvm: a fake in tests.
    public static func gather(
        for configuration: Configuration, seed: SeedFinding = SeedFinding(), vnc: VNCFinding = VNCFinding(),
        kvm probe: KVMProbe = .host
    ) -> HostFacts {
        let process = ProcessIdentity.current()
        let inspector = DiskInspector(process: process, allowBacking: configuration.disks.allowBacking)
        let drive = configuration.disks.drive
        return HostFacts(
            kvm: configuration.machine.accelerator == .tcg ? nil : probe.find(),
            limits: .current(),
            asyncIO: asyncIO(configuration),
            process: process,
            drive: inspector.inspect(
                DiskRequest(
                    path: drive.path, format: drive.format, readOnly: drive.readOnly, variable: "QEMU_DRIVE",
                    mayBeMissing: configuration.disks.createDisk)),
            disks: configuration.disks.further.map {
                inspector.inspect(
                    DiskRequest(path: $0.path, format: $0.format, readOnly: $0.readOnly, variable: "QEMU_DISKS"))
            },
            cdrom: configuration.disks.cdrom.map {
                inspector.inspect(DiskRequest(path: $0, format: .raw, readOnly: true, variable: "QEMU_CDROM"))
            },
            timeZone: configuration.machine.clock == .utc ? nil : TimeZone.fault(configuration.machine.timeZone),
            strayAddresses: strayAddresses(configuration), seed: seed, vnc: vnc)
    }

    private static func strayAddresses(_ configuration: Configuration) -> [String] {
        guard configuration.network.card != .none else { return [] }
        var stray: [String] = []
        for forward in configuration.network.ports {
            guard let address = forward.hostAddress, !stray.contains(address) else { continue }
            if !isLocalAddress(address, datagrams: forward.transport == .udp) { stray.append(address) }
        }
        return stray
    }

    private static func asyncIO(_ configuration: Configuration) -> Result<AsyncIOChoice, Fault> {
        do throws(Fault) {
            return .success(
                try AsyncIOProbe.choose(requested: configuration.disks.asyncIO, cache: configuration.disks.cache))
        } catch {
            return .failure(error)
        }
    }
}
