import Basics

/// The rules between variables: each value is good by itself, together they are not, or one has no effect.
///
/// A rule is silent when one of its variables is faulty already: its default says nothing about what was meant.
struct Combination {
    private(set) var configuration: Configuration
    let isSet: (String) -> Bool
    let isFaulty: (String) -> Bool
    private(set) var problems: [(name: String, message: String)] = []
    private(set) var warnings: [String] = []

    init(configuration: Configuration, isSet: @escaping (String) -> Bool, isFaulty: @escaping (String) -> Bool) {
        self.configuration = configuration
        self.isSet = isSet
        self.isFaulty = isFaulty
    }

    mutating func check(lowestBindablePort: () -> UInt16) {
        chooseBoard()
        chooseStorage()
        chooseCache()
        checkDisks()
        checkOverlays()
        checkPorts(lowest: lowestBindablePort)
        checkFurtherCards()
        checkSeed()
        checkShare()
        checkReadyCheck()
        checkVNC()
        checkScreen()
        checkBackup()
        checkMetrics(lowest: lowestBindablePort)
    }

    private func good(_ names: String...) -> Bool { !names.contains(where: isFaulty) }

    private mutating func refuse(_ name: String, _ message: String) {
        problems.append((name, message))
    }

    /// What systems that boot by UEFI expect; OVMF starts on either.
    private mutating func chooseBoard() {
        guard configuration.machine.firmware == .uefi, !isSet("QEMU_MACHINE") else { return }
        configuration.machine.type = .q35
    }

    /// The default follows the board, so that only an explicit choice can be wrong.
    private mutating func chooseStorage() {
        guard good("QEMU_STORAGE") else { return }
        if !isSet("QEMU_STORAGE") {
            configuration.disks.storage = Board.usualStorage(of: configuration.machine.type)
        } else if !configuration.board.hasStorage {
            refuse("QEMU_STORAGE", #""ide" is not on QEMU_MACHINE=q35; set QEMU_STORAGE=sata or QEMU_MACHINE=pc"#)
        }
    }

    private mutating func chooseCache() {
        if configuration.disks.unsafeCache, good("QEMU_CACHE") {
            if isSet("QEMU_CACHE"), configuration.disks.cache != .unsafe {
                refuse(
                    "UNSAFE_CACHE",
                    "is QEMU_CACHE=unsafe, but QEMU_CACHE is \(configuration.disks.cache.rawValue); unset one of them")
                return
            }
            configuration.disks.cache = .unsafe
        }
        if configuration.disks.asyncIO == .native, configuration.disks.cache != .none,
            good("QEMU_CACHE", "UNSAFE_CACHE")
        {
            let remedy = "set QEMU_CACHE=none or QEMU_AIO=threads"
            refuse(
                "QEMU_AIO", #""native" needs QEMU_CACHE=none, not \#(configuration.disks.cache.rawValue); \#(remedy)"#)
        }
    }

    private mutating func checkReadyCheck() {
        switch configuration.operation.readyCheck {
        case .agent where configuration.operation.guestAgent == .off:
            refuse("READY_CHECK", "asks the guest agent, but GUEST_AGENT is off; set GUEST_AGENT=auto")
        case .banner(let port), .http(let port, _):
            guard good("QEMU_PORTS", "QEMU_NET", "QEMU_NICS") else { return }
            let forwards = configuration.network.forwards.map(\.forward).filter { $0.transport == .tcp }
            if forwards.contains(where: { $0.hostPort == port }) { return }
            let remedy =
                forwards.first { $0.guestPort == port }.map {
                    "the host's port to the guest's \(port) is \($0.hostPort)"
                }
                ?? "add it there"
            refuse("READY_CHECK", "asks port \(port) of the host, which QEMU_PORTS does not forward by TCP; \(remedy)")
        case .auto, .agent, .console, .none:
            break
        }
    }

    private mutating func checkDisks() {
        if configuration.disks.createDisk, configuration.disks.diskSize == nil, good("DISK_SIZE") {
            refuse("CREATE_DISK", "needs a size; set DISK_SIZE, such as DISK_SIZE=20G")
        }
        if configuration.disks.createDisk, configuration.disks.drive.format == .raw {
            refuse("CREATE_DISK", "makes a qcow2 image, but QEMU_DRIVE_FORMAT is raw; unset one of them")
        }
        if configuration.disks.boot == .cdrom, configuration.disks.cdrom == nil, good("QEMU_CDROM") {
            refuse("QEMU_BOOT", #""cdrom" needs a medium; set QEMU_CDROM"#)
        }
        guard good("QEMU_DISKS", "QEMU_CDROM", "QEMU_STORAGE", "QEMU_MACHINE") else { return }
        for disk in configuration.disks.further where disk.readOnly && !configuration.board.takesReadOnlyDisks {
            let remedy = "set QEMU_STORAGE=virtio or take ro away"
            refuse("QEMU_DISKS", "\(quoted(disk.path)) cannot be read-only on an ATA bus; \(remedy)")
        }
        let most = configuration.board.mostFurtherDisks(
            hasCDROM: configuration.disks.cdrom != nil, hasShare: configuration.share.isCD)
        if configuration.disks.further.count > most {
            let storage = configuration.disks.storage
            let remedy = storage == .virtio ? "name fewer" : "name fewer or change QEMU_STORAGE"
            let beside = configuration.share.isCD ? " beside the CD of SHARE_MODE=cd" : ""
            let reason = "are more disks than the \(most) that QEMU_STORAGE=\(storage.rawValue) has room for\(beside)"
            refuse("QEMU_DISKS", "\(configuration.disks.further.count) \(reason); \(remedy)")
        }
    }

    private mutating func checkOverlays() {
        let disks = configuration.disks
        if disks.base != nil {
            if disks.createDisk, good("CREATE_DISK") {
                refuse("QEMU_BASE", "makes the disk over a base, and CREATE_DISK an empty one; unset one of them")
            }
            if disks.drive.format == .raw {
                refuse("QEMU_BASE", "makes a qcow2 image, but QEMU_DRIVE_FORMAT is raw; unset one of them")
            }
        }
        guard disks.snapshot else { return }
        if disks.createDisk {
            refuse(
                "QEMU_SNAPSHOT",
                "throws away what the guest writes, but CREATE_DISK makes a disk to keep; unset one of them")
        }
        if disks.diskSize != nil {
            refuse("QEMU_SNAPSHOT", "leaves the disk as it is, but DISK_SIZE may grow it; unset one of them")
        }
    }

    private mutating func checkSeed() {
        guard configuration.guest.seed == .off, good("SEED") else { return }
        let idle = [
            "ROOT_PASSWORD_FILE", "AGENTS_PASSWORD_FILE", "AUTHORIZED_KEYS_FILE", "USER_DATA_FILE",
            "NETWORK_CONFIG_FILE",
        ]
        for name in idle where isSet(name) && good(name) {
            warnings.append("\(name): has no effect with SEED=off; unset one of them")
        }
    }

    private mutating func checkShare() {
        guard configuration.share.directory == nil, configuration.share.mode != .ro, good("SHARE_DIR", "SHARE_MODE")
        else { return }
        refuse("SHARE_MODE", "needs a folder to share; set SHARE_DIR")
    }

    private mutating func checkVNC() {
        if isSet("VNC_PASSWORD_FILE"), !configuration.machine.vnc, good("ENABLE_VNC", "VNC_PASSWORD_FILE") {
            warnings.append("VNC_PASSWORD_FILE: has no effect without ENABLE_VNC=1; set it or unset this one")
        }
    }

    /// Whoever gets the one directory must not get the other.
    private mutating func checkScreen() {
        guard let screen = configuration.operation.screenDirectoryPath, good("SCREEN_DIR", "DROVER_RUNTIME_DIR") else {
            return
        }
        let runtime = configuration.operation.runtimeDirectory
        if screen == runtime || isBelow(runtime, screen) || isBelow(screen, runtime) {
            refuse(
                "SCREEN_DIR",
                "\(quoted(screen)) shares a directory with the control socket in DROVER_RUNTIME_DIR, \(quoted(runtime)); "
                    + "name one apart from it, such as /screen/drover")
        }
    }

    private mutating func checkBackup() {
        guard configuration.backup.directory == nil, good("BACKUP_DIR") else { return }
        for variable in Variable.backup where isSet(variable.name) && good(variable.name) {
            let isUsual = variable.value(in: configuration) == variable.value(in: Configuration())
            if !isUsual { refuse(variable.name, "needs a folder for the backups; set BACKUP_DIR") }
        }
    }

    private mutating func checkMetrics(lowest lowestBindablePort: () -> UInt16) {
        guard let address = configuration.operation.metrics, let port = address.port, good("METRICS_LISTEN") else {
            return
        }
        let text = quoted(address.text)
        if good("QEMU_NET", "QEMU_PORTS", "QEMU_NICS"), configuration.network.card != .none,
            let (variable, forward) = configuration.network.forwards.first(where: { address.overlaps($0.forward) })
        {
            refuse("METRICS_LISTEN", "\(text) takes a port that \(variable) has for \(forward.text); use another port")
        }
        guard port < 1024 else { return }
        let lowest = lowestBindablePort()
        if port < lowest {
            let reason = "is a port under \(lowest), which needs CAP_NET_BIND_SERVICE"
            refuse("METRICS_LISTEN", "\(text) \(reason); use a higher port or add the capability")
        }
    }

    private mutating func checkPorts(lowest lowestBindablePort: () -> UInt16) {
        guard good("QEMU_NET", "QEMU_PORTS") else { return }
        guard configuration.network.card != .none else {
            let idle = [
                ("QEMU_MAC", configuration.network.mac != nil), ("QEMU_NET_RESTRICT", configuration.network.restricted),
                ("QEMU_PORTS", isSet("QEMU_PORTS") && !configuration.network.ports.isEmpty),
                ("QEMU_NICS", !configuration.network.further.isEmpty),
            ]
            for (name, isMeant) in idle where isMeant {
                warnings.append("\(name): has no effect with QEMU_NET=none; unset one of them")
            }
            return
        }
        // The kernel's own bound, unless the host has another.
        guard configuration.network.forwards.contains(where: { $0.forward.hostPort < 1024 }) else { return }
        let lowest = lowestBindablePort()
        for (variable, forward) in configuration.network.forwards where forward.hostPort < lowest {
            let reason = "is a host port under \(lowest), which needs CAP_NET_BIND_SERVICE"
            refuse(variable, "\(quoted(forward.text)) \(reason); use a higher host port or add the capability")
        }
    }

    private mutating func checkFurtherCards() {
        guard good("QEMU_NET", "QEMU_PORTS", "QEMU_MAC"), configuration.network.card != .none else { return }
        var addresses = [configuration.network.mac].compactMap { $0 }
        var forwards = configuration.network.ports
        for card in configuration.network.further {
            if let mac = card.mac {
                if addresses.contains(mac) {
                    refuse("QEMU_NICS", "\(quoted(mac)) is another card's address; give each its own")
                }
                addresses.append(mac)
            }
            for forward in card.forwards {
                if let reason = forwards.objection(to: forward) {
                    refuse("QEMU_NICS", "\(quoted(forward.text)) \(reason)")
                }
                forwards.append(forward)
            }
        }
    }
}
