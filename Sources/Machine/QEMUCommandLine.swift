import FoundationEssentials

extension Machine {
    /// QEMU's arguments, without the program's name. The order is written here and nowhere else.
    ///
    /// Every value comes from a parsed type; options that take JSON are given JSON, so no value can add an option.
    public func arguments(for step: LaunchStep) -> [String] {
        var arguments = [
            "-nodefaults", "-no-user-config",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-S",  // the guest runs when the control channel is up, so that no event is missed
            "-machine", type.rawValue,
            "-accel", accelerator(step),
            "-cpu", step.cpu,
            "-smp", "\(smp)",
            "-m", "\(ram.count)M",
            "-boot", "strict=on",
            "-display", "none",
        ]
        arguments += device(QEMUOptions.Device(driver: "VGA", id: "video"))
        arguments += storageController
        for (index, drive) in drives.enumerated() { arguments += self.arguments(for: drive, at: index) }
        if hasSeed { arguments += seedArguments }
        if let networkCard { arguments += self.arguments(for: networkCard) }
        arguments += ["-chardev", socket("qmp", .qmp), "-mon", "chardev=qmp,mode=control"]
        arguments += ["-chardev", socket("console", .console), "-serial", "chardev:console"]
        if hasAgentPort { arguments += ["-chardev", socket("agent", .agent), "-serial", "chardev:agent"] }
        if let vncSocket { arguments += ["-vnc", "unix:" + vncSocket.replacing(",", with: ",,")] }
        return arguments + extraArguments
    }

    private func accelerator(_ step: LaunchStep) -> String {
        switch step.accelerator {
        case .kvm: "kvm"
        case .tcg: "tcg,thread=multi,tb-size=\(translationBuffer.count)"
        }
    }

    private func socket(_ id: String, _ descriptor: InheritedDescriptor) -> String {
        "socket,id=\(id),fd=\(descriptor.rawValue)"
    }

    // MARK: Storage

    /// The AHCI controller that `pc` lacks; q35 has one built in.
    private var storageController: [String] {
        type == .pc && storage == .sata ? device(QEMUOptions.Device(driver: "ich9-ahci", id: "ahci")) : []
    }

    private func arguments(for drive: Drive, at index: Int) -> [String] {
        let node = drive.medium == .cdrom ? "cd0" : "disk\(index)"
        let cache = QEMUOptions.BlockCache(direct: self.cache == .none, noFlush: self.cache == .unsafe)
        let file = QEMUOptions.BlockFile(
            driver: "file", nodeName: "\(node)-file", filename: drive.path, aio: asyncIO.rawValue, cache: cache,
            discard: "unmap", readOnly: drive.readOnly)
        let format = QEMUOptions.BlockFormat(
            driver: drive.format.rawValue, nodeName: node, file: file.nodeName, cache: cache, discard: "unmap",
            readOnly: drive.readOnly)
        var device = slot(of: drive, at: index)
        device.drive = node
        device.bootIndex = bootIndex(of: drive, at: index)
        if drive.medium == .disk { device.writeCache = self.cache == .writethrough ? "off" : "on" }
        return ["-blockdev", json(file), "-blockdev", json(format)] + self.device(device)
    }

    /// The device and the place on its bus. IDE's second channel starts with a CD: that is where guests look.
    private func slot(of drive: Drive, at index: Int) -> QEMUOptions.Device {
        let driver = drive.medium == .cdrom ? "ide-cd" : "ide-hd"
        let id = drive.medium == .cdrom ? "cdrom" : "drive\(index)"
        switch (storage, type, drive.medium) {
        case (.virtio, _, .disk):
            return QEMUOptions.Device(driver: "virtio-blk-pci", id: id)
        case (.virtio, .pc, .cdrom), (.ide, _, .cdrom):
            return QEMUOptions.Device(driver: driver, id: id, bus: "ide.1", unit: hasSeed ? 1 : 0)
        case (.ide, _, .disk):
            // The second channel's first unit stays free for a CD.
            return index < 2
                ? QEMUOptions.Device(driver: driver, id: id, bus: "ide.0", unit: index)
                : QEMUOptions.Device(driver: driver, id: id, bus: "ide.1", unit: 1)
        case (.virtio, .q35, .cdrom):
            return QEMUOptions.Device(driver: driver, id: id, bus: "ide.0")
        case (.sata, .q35, _):
            return QEMUOptions.Device(driver: driver, id: id, bus: "ide.\(index)")
        case (.sata, .pc, _):
            return QEMUOptions.Device(driver: driver, id: id, bus: "ahci.\(index)")
        }
    }

    /// The seed's CD comes first on IDE's second channel, where the Hurd's guest kit looks, or last on AHCI.
    private var seedArguments: [String] {
        let cache = QEMUOptions.BlockCache(direct: false, noFlush: false)
        let file = QEMUOptions.BlockFile(
            driver: "file", nodeName: "seed-file", filename: "/dev/fdset/1", aio: "threads", cache: cache,
            discard: "ignore", readOnly: true, locking: "off")
        let format = QEMUOptions.BlockFormat(
            driver: "raw", nodeName: "seed", file: file.nodeName, cache: cache, discard: "ignore", readOnly: true)
        var device = QEMUOptions.Device(driver: "ide-cd", id: "seed-cd", drive: format.nodeName)
        switch (storage, type) {
        case (.sata, .pc): device.bus = "ahci.5"
        case (.sata, .q35), (.virtio, .q35): device.bus = "ide.5"
        case (.ide, _), (.virtio, .pc): (device.bus, device.unit) = ("ide.1", 0)
        }
        return ["-add-fd", "fd=\(InheritedDescriptor.seed.rawValue),set=1"]
            + ["-blockdev", json(file), "-blockdev", json(format)] + self.device(device)
    }

    /// The firmware tries the system disk and the CD-ROM in the order asked for, and nothing else (`strict=on`).
    private func bootIndex(of drive: Drive, at index: Int) -> Int? {
        switch drive.medium {
        case .cdrom: bootDevice == .cdrom ? 0 : 1
        case .disk: index == 0 ? (bootDevice == .cdrom ? 1 : 0) : nil
        }
    }

    // MARK: Network

    private func arguments(for card: NetworkCard) -> [String] {
        let network = QEMUOptions.UserNetwork(
            type: "user", id: "net0",
            hostfwd: card.forwards.map { forward in
                QEMUOptions.UserNetwork.Forward(
                    str: "\(forward.transport):\(forward.hostAddress ?? ""):\(forward.hostPort)-:\(forward.guestPort)")
            },
            restrict: card.restricted)
        let driver = card.model == .virtio ? "virtio-net-pci" : card.model.rawValue
        return ["-netdev", json(network)]
            + device(QEMUOptions.Device(driver: driver, id: "nic0", netdev: network.id, mac: card.mac, romFile: ""))
    }

    // MARK: JSON

    private func device(_ properties: QEMUOptions.Device) -> [String] {
        ["-device", json(properties)]
    }

    private func json(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, integers and booleans cannot fail to encode; QEMU refuses an empty argument.
        return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
