import Basics

extension VirtualMachine {
    /// QEMU's arguments, without the program's name. The order is written here and nowhere else.
    ///
    /// Every value comes from a parsed type; options that take JSON are given JSON, so no value can add an option. But
    /// for devices: QEMU makes those in JSON after all others, and these are to be there before an owner's.
    public func arguments(for step: LaunchStep) -> [String] {
        var arguments = [
            "-nodefaults", "-no-user-config",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-S",  // the guest runs when the control channel is up, so that no event is missed
            "-machine", machineOption,
            "-accel", accelerator(step),
            "-cpu", step.cpu,
            "-smp", "\(smp)",
            "-m", "\(ram.count)M",
            "-boot", "strict=on",
            "-display", "none",
        ]
        if clock == .localtime { arguments += ["-rtc", "base=localtime"] }
        // An owner's -vga replaces it, as the last one counts; a card by -device would be a second one.
        arguments += ["-vga", "std"]
        if board.addsAHCI { arguments += device("ich9-ahci", id: "ahci", ["addr": pci(.ahci)]) }
        let nodes = Self.nodes(of: drives, firmware)
        for (index, nodes) in nodes.prefix(drives.count).enumerated() {
            arguments += self.arguments(for: nodes, at: index)
        }
        for nodes in nodes.dropFirst(drives.count) {
            arguments += nodes.options(readOnly: nodes.name == UEFIFirmware.codeNode, blockIO).flatMap(blockNode)
        }
        if hasSeed { arguments += seedArguments }
        if let share { arguments += self.arguments(for: share) }
        for (index, card) in networkCards.enumerated() { arguments += self.arguments(for: card, at: index) }
        if hasUSB { arguments += device("qemu-xhci", id: "usb", ["addr": pci(.usb)]) }
        if hasBalloon {
            arguments += device(
                "virtio-balloon-pci", id: "balloon",
                ["addr": pci(.balloon), "free-page-reporting": true, "guest-stats-polling-interval": 5])
        }
        arguments += ["-chardev", socket("qmp", .qmp), "-mon", "chardev=qmp,mode=control"]
        arguments += ["-chardev", socket("clients", .clients), "-mon", "chardev=clients,mode=control"]
        arguments += ["-chardev", socket("console", .console), "-serial", "chardev:console"]
        if hasAgentPorts { arguments += agentArguments }
        if let vnc { arguments += self.arguments(for: vnc) }
        // By its own protocol's message (XVP), so that who presses it needs no control channel.
        if let screenSocket { arguments += ["-vnc", "\(unix(screenSocket)),power-control=on"] }
        return arguments + extraArguments
    }

    public var environment: [String] {
        QEMUEnvironment.variables + (clock == .localtime ? timeZone.map { ["TZ=\($0)"] } ?? [] : [])
    }

    private var machineOption: String {
        let flash = firmware == nil ? "" : ",pflash0=\(UEFIFirmware.codeNode),pflash1=\(UEFIFirmware.variablesNode)"
        return "\(board.type.rawValue),dump-guest-core=off\(flash)"
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

    private func arguments(for nodes: DriveNodes, at index: Int) -> [String] {
        let drive = drives[index]
        let slot =
            drive.medium == .cdrom ? board.cdromSlot(disks: index, hasSeed: hasSeed) : board.diskSlot(index)
        var device = properties(slot)
        device["drive"] = .string(nodes.name)
        device["bootindex"] = bootIndex(of: drive, at: index).map { .integer($0) }
        if drive.medium == .disk { device["write-cache"] = blockIO.cache == .writethrough ? "off" : "on" }
        return nodes.options(readOnly: drive.readOnly, blockIO).flatMap(blockNode)
            + self.device(slot.driver, id: drive.medium == .cdrom ? "cdrom" : "drive\(index)", device)
    }

    /// The block nodes of each drive, and then of the firmware, with the descriptors after the fixed ones.
    static func nodes(of drives: [Drive], _ firmware: UEFIFirmware?) -> [DriveNodes] {
        var images = drives.enumerated().map { index, drive in
            (node: drive.medium == .cdrom ? "cd0" : "disk\(index)", image: drive.image)
        }
        if let firmware {
            images.append((UEFIFirmware.codeNode, firmware.code))
            images.append((UEFIFirmware.variablesNode, firmware.variables))
        }
        var next = InheritedDescriptor.firstFile
        return images.map { node, image in
            let nodes = DriveNodes(image, node: node, first: next)
            next = nodes.end
            return nodes
        }
    }

    /// The file that holds what the guest writes to the disk with this block node; nil for a node that is none of ours.
    public func growingFile(ofNode node: String) -> DiskFile? {
        let nodes = Self.nodes(of: drives, firmware).first { $0.name == node }
        return nodes.map { $0.image.top.dataFile ?? $0.image.top.file }
    }

    private func properties(_ slot: Board.Slot) -> [String: QEMUProperty] {
        var properties: [String: QEMUProperty] = [:]
        properties["bus"] = slot.bus.map { .string($0) }
        properties["unit"] = slot.unit.map { .integer($0) }
        properties["addr"] = slot.pci.map(pci)
        return properties
    }

    private var seedArguments: [String] {
        let common: [String: QEMUProperty] = [
            "cache": .object(["direct": false, "no-flush": false]), "read-only": true,
        ]
        // QEMU cannot take its locks on a descriptor that is given to it.
        let file: [String: QEMUProperty] = [
            "driver": "file", "node-name": "seed-file", "filename": "/dev/fdset/1", "aio": "threads", "locking": "off",
        ]
        let format: [String: QEMUProperty] = ["driver": "raw", "node-name": "seed", "file": "seed-file"]
        let slot = board.seedSlot
        var device = properties(slot)
        device["drive"] = "seed"
        return ["-add-fd", "fd=\(InheritedDescriptor.seed.rawValue),set=1"] + blockNode(common.merging(file) { $1 })
            + blockNode(common.merging(format) { $1 }) + self.device(slot.driver, id: "seed-cd", device)
    }

    // MARK: The shared folder

    private func arguments(for share: Share) -> [String] {
        switch share {
        case .folder(let path, let isWritable):
            // What a guest makes is to be its own without the privilege to give it away, and neither a link nor a device
            // outside. What it only reads is shown as it is.
            let model =
                isWritable
                ? "security_model=mapped-xattr,fmode=0644,dmode=0755" : "security_model=none,readonly=on"
            let folder = path.replacing(every: ",", by: ",,")
            return ["-fsdev", "local,id=share,path=\(folder),\(model),multidevs=remap"]
                + device(
                    "virtio-9p-pci", id: "share-9p",
                    ["fsdev": "share", "mount_tag": .string(Self.shareTag), "addr": pci(.share)])
        case .cd:
            let hasCDROM = drives.contains { $0.medium == .cdrom }
            let slot = board.shareSlot(hasSeed: hasSeed, hasCDROM: hasCDROM)
            var device = properties(slot)
            device["drive"] = "share"
            // Unlike a node of -blockdev, it lets go of its file when the medium is changed.
            let drive = [
                "if=none", "id=share", "read-only=on", "format=raw", "file.driver=file", "file.locking=off",
                "file.filename=/dev/fdset/\(Self.shareDescriptorSet)",
            ]
            return [
                "-add-fd", "fd=\(InheritedDescriptor.share.rawValue),set=\(Self.shareDescriptorSet)",
                "-drive", drive.joined(separator: ","),
            ] + self.device(slot.driver, id: Self.shareDeviceID, device)
        }
    }

    /// The firmware tries the system disk and the CD-ROM in the order asked for, and nothing else (`strict=on`).
    /// An owner's -kernel is before them, at 0.
    private func bootIndex(of drive: Drive, at index: Int) -> Int? {
        guard drive.medium == .cdrom || index == 0 else { return nil }
        let isFirst = (drive.medium == .cdrom) == (bootDevice == .cdrom)
        return (isFirst ? 0 : 1) + (AddedDevices(extraArguments).hasKernel ? 1 : 0)
    }

    // MARK: Network

    private func arguments(for card: NetworkCard, at index: Int) -> [String] {
        let forwards = card.forwards.map { forward in
            let host = "\(forward.transport.rawValue):\(forward.hostAddress ?? ""):\(forward.hostPort)"
            return QEMUProperty.object(["str": .string("\(host)-:\(forward.guestPort)")])
        }
        let id = "net\(index)"
        var network: [String: QEMUProperty] = [
            "type": "user", "id": .string(id), "hostfwd": .list(forwards), "restrict": .boolean(card.restricted),
        ]
        // Not those of the first card, or the guest would not know which card leads where.
        if index > 0 {
            network["net"] = .string("10.0.\(2 + index).0/24")
            network["ipv6-prefix"] = .string("fec0:0:0:\(index)::")
        }
        let driver = card.model == .virtio ? "virtio-net-pci" : card.model.rawValue
        // Without a boot ROM, or the firmware would try to boot from the network.
        return ["-netdev", QEMUProperty.object(network).json]
            + device(
                driver, id: "nic\(index)",
                [
                    "netdev": .string(id), "mac": .string(card.mac), "romfile": "",
                    "addr": pci(.network(index)),
                ])
    }

    // MARK: The guest agent

    /// The serial port for guests without virtio, and the port that agents look for by its name.
    private var agentArguments: [String] {
        let channel = Self.agentChannelID
        return ["-chardev", socket("agent", .agentSerial), "-serial", "chardev:agent"]
            + device("virtio-serial-pci", id: "agent-bus", ["addr": pci(.agent)])
            + ["-chardev", socket(channel, .agentChannel)]
            + device(
                "virtserialport", id: channel,
                ["bus": "agent-bus.0", "chardev": .string(channel), "name": .string(Self.agentPortName)])
    }

    // MARK: Screen

    private func arguments(for vnc: VNC) -> [String] {
        switch vnc {
        case .socket(let path):
            return ["-vnc", unix(path)]
        case .port:
            let secret = QEMUProperty.object([
                "qom-type": "secret", "id": "vnc-password",
                "file": .string("/proc/self/fd/\(InheritedDescriptor.vncPassword.rawValue)"),
            ])
            // Display 0 is the port.
            return ["-object", secret.json, "-vnc", "0.0.0.0:\(VNC.portNumber - 5900),password-secret=vnc-password"]
        }
    }

    private func unix(_ path: String) -> String { "unix:" + path.replacing(every: ",", by: ",,") }

    private func device(_ driver: String, id: String, _ properties: [String: QEMUProperty]) -> [String] {
        let others = properties.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.text)" }
        return ["-device", ([driver, "id=\(id)"] + others).joined(separator: ",")]
    }

    private func pci(_ device: Board.PCIDevice) -> QEMUProperty { pci(board.pciSlot(of: device)) }
    private func pci(_ slot: Int) -> QEMUProperty { .string("0x" + String(slot, radix: 16)) }

    private func blockNode(_ properties: [String: QEMUProperty]) -> [String] {
        ["-blockdev", QEMUProperty.object(properties).json]
    }
}
