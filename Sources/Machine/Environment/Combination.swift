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
        chooseStorage()
        chooseCache()
        checkDisks()
        checkPorts(lowest: lowestBindablePort)
        checkSeed()
        checkReadyCheck()
        checkVNC()
    }

    private func good(_ names: String...) -> Bool { !names.contains(where: isFaulty) }

    private mutating func refuse(_ name: String, _ message: String) {
        problems.append((name, message))
    }

    /// q35 has AHCI where pc has IDE, so the default follows the machine and only an explicit `ide` is wrong.
    private mutating func chooseStorage() {
        guard configuration.machine == .q35, configuration.storage == .ide, good("QEMU_STORAGE") else { return }
        if isSet("QEMU_STORAGE") {
            refuse("QEMU_STORAGE", #""ide" is not on QEMU_MACHINE=q35; set QEMU_STORAGE=sata or QEMU_MACHINE=pc"#)
        } else {
            configuration.storage = .sata
        }
    }

    private mutating func chooseCache() {
        if configuration.unsafeCache, good("QEMU_CACHE") {
            if isSet("QEMU_CACHE"), configuration.cache != .unsafe {
                refuse(
                    "UNSAFE_CACHE",
                    "is QEMU_CACHE=unsafe, but QEMU_CACHE is \(configuration.cache.rawValue); unset one of them")
                return
            }
            configuration.cache = .unsafe
        }
        if configuration.asyncIO == .native, configuration.cache != .none, good("QEMU_CACHE", "UNSAFE_CACHE") {
            let remedy = "set QEMU_CACHE=none or QEMU_AIO=threads"
            refuse("QEMU_AIO", #""native" needs QEMU_CACHE=none, not \#(configuration.cache.rawValue); \#(remedy)"#)
        }
    }

    private mutating func checkReadyCheck() {
        switch configuration.readyCheck {
        case .agent where configuration.guestAgent == .off:
            refuse("READY_CHECK", "asks the guest agent, but GUEST_AGENT is off; set GUEST_AGENT=auto")
        case .banner(let port) where good("QEMU_PORTS", "QEMU_NET"):
            let ports = configuration.network == .none ? [] : configuration.ports
            let forwards = ports.filter { $0.transport == .tcp }
            if forwards.contains(where: { $0.hostPort == port }) { return }
            let remedy =
                forwards.first { $0.guestPort == port }.map {
                    "the host's port to the guest's \(port) is \($0.hostPort)"
                }
                ?? "add it there"
            refuse("READY_CHECK", "asks port \(port) of the host, which QEMU_PORTS does not forward by TCP; \(remedy)")
        case .auto, .agent, .banner, .console, .none:
            break
        }
    }

    private mutating func checkDisks() {
        if configuration.createDisk, configuration.diskSize == nil, good("DISK_SIZE") {
            refuse("CREATE_DISK", "needs a size; set DISK_SIZE, such as DISK_SIZE=20G")
        }
        if configuration.createDisk, configuration.drive.format == .raw {
            refuse("CREATE_DISK", "makes a qcow2 image, but QEMU_DRIVE_FORMAT is raw; unset one of them")
        }
        if configuration.boot == .cdrom, configuration.cdrom == nil, good("QEMU_CDROM") {
            refuse("QEMU_BOOT", #""cdrom" needs a medium; set QEMU_CDROM"#)
        }
        guard good("QEMU_DRIVE", "QEMU_DISKS", "QEMU_CDROM", "QEMU_STORAGE", "QEMU_MACHINE") else { return }
        var used = [configuration.drive.path: "QEMU_DRIVE"]
        for disk in configuration.disks {
            if let other = used[disk.path] {
                refuse("QEMU_DISKS", "\(quoted(disk.path)) is in \(other) already; name each image once")
            }
            used[disk.path] = "QEMU_DISKS"
            // QEMU's ide-hd refuses a read-only node: ATA disks have no write protection.
            if disk.readOnly, configuration.storage != .virtio {
                let remedy = "set QEMU_STORAGE=virtio or take ro away"
                refuse("QEMU_DISKS", "\(quoted(disk.path)) cannot be read-only on an ATA bus; \(remedy)")
            }
        }
        if let cdrom = configuration.cdrom, let other = used[cdrom] {
            refuse("QEMU_CDROM", "\(quoted(cdrom)) is in \(other) already; name each image once")
        }
        let most = configuration.mostFurtherDisks
        if configuration.disks.count > most {
            let storage = configuration.storage
            let remedy = storage == .virtio ? "name fewer" : "name fewer or change QEMU_STORAGE"
            let reason = "are more disks than the \(most) that QEMU_STORAGE=\(storage.rawValue) has room for"
            refuse("QEMU_DISKS", "\(configuration.disks.count) \(reason); \(remedy)")
        }
    }

    private mutating func checkSeed() {
        guard configuration.seed == .off, good("SEED") else { return }
        let idle = [
            "ROOT_PASSWORD_FILE", "AGENTS_PASSWORD_FILE", "AUTHORIZED_KEYS_FILE", "USER_DATA_FILE",
            "NETWORK_CONFIG_FILE",
        ]
        for name in idle where isSet(name) && good(name) {
            warnings.append("\(name): has no effect with SEED=off; unset one of them")
        }
    }

    private mutating func checkVNC() {
        if isSet("VNC_PASSWORD_FILE"), !configuration.vnc, good("ENABLE_VNC", "VNC_PASSWORD_FILE") {
            warnings.append("VNC_PASSWORD_FILE: has no effect without ENABLE_VNC=1; set it or unset this one")
        }
    }

    private mutating func checkPorts(lowest lowestBindablePort: () -> UInt16) {
        guard good("QEMU_NET", "QEMU_PORTS") else { return }
        guard configuration.network != .none else {
            let idle = [
                ("QEMU_MAC", configuration.mac != nil), ("QEMU_NET_RESTRICT", configuration.networkRestricted),
                ("QEMU_PORTS", isSet("QEMU_PORTS") && !configuration.ports.isEmpty),
            ]
            for (name, isMeant) in idle where isMeant {
                warnings.append("\(name): has no effect with QEMU_NET=none; unset one of them")
            }
            return
        }
        // The kernel's own bound, unless the host has another.
        guard configuration.ports.contains(where: { $0.hostPort < 1024 }) else { return }
        let lowest = lowestBindablePort()
        for forward in configuration.ports where forward.hostPort < lowest {
            let reason = "is a host port under \(lowest), which needs CAP_NET_BIND_SERVICE"
            refuse("QEMU_PORTS", "\(quoted(forward.text)) \(reason); use a higher host port or add the capability")
        }
    }
}

extension Configuration {
    /// How many disks the controller takes beside the system disk, the seed CD and the installation CD.
    var mostFurtherDisks: Int {
        let slots: Int
        switch storage {
        case .ide: slots = 4
        case .sata: slots = 6
        case .virtio: return 16
        }
        return slots - (cdrom == nil ? 2 : 3)
    }
}
