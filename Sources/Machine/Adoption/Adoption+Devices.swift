import Basics

extension Adoption {
    mutating func takeDevices() {
        let hasAHCI = devices.contains { ["ahci", "ich9-ahci"].contains($0["driver"] ?? "") }
        for device in devices {
            let driver = device["driver"] ?? ""
            if let drive = device["drive"], take(driver, of: drive, device, hasAHCI) { continue }
            if device["netdev"] != nil {
                network.add(card: device)
                continue
            }
            take(driver, device)
        }
    }

    private var hasVirtioSCSI: Bool { devices.contains { ($0["driver"] ?? "").hasPrefix("virtio-scsi") } }

    /// The front end of a disk.
    private mutating func take(_ driver: String, of drive: String, _ device: OptionValue, _ hasAHCI: Bool) -> Bool {
        if !drives.contains(where: { $0.id == drive }), let node = blockNode(drive) { drives.append(node) }
        guard let place = drives.firstIndex(where: { $0.id == drive }) else { return false }
        drives[place].interface =
            switch driver {
            case _ where driver.hasPrefix("virtio-blk"): "virtio"
            case "ide-hd", "ide-cd", "ide-drive": hasAHCI ? "sata" : "ide"
            case "scsi-hd", "scsi-cd", "scsi-disk", "scsi-block": hasVirtioSCSI ? "scsi" : "older scsi"
            default: driver
            }
        if ["ide-cd", "scsi-cd"].contains(driver) { drives[place].isCDROM = true }
        drives[place].bootIndex = device["bootindex"].flatMap { Int(decimal: $0) } ?? drives[place].bootIndex
        if device.isOn("write-cache") == false, device["write-cache"] != nil { drives[place].cache = "writethrough" }
        leaveOutKeys(
            of: device,
            but: [
                "driver", "drive", "id", "bus", "unit", "addr", "bootindex", "write-cache", "lun", "scsi-id", "channel",
            ],
            in: "\"-device\" \(quoted(driver))")
        return true
    }

    private mutating func take(_ driver: String, _ device: OptionValue) {
        let what = "\"-device\" \(quoted(driver))"
        if AddedDevices.isUSBController(driver) {
            set("QEMU_USB", "on", for: what)
            return
        }
        if let reason = Self.refused.first(where: { $0.drivers.contains { driver.hasPrefix($0) } })?.reason {
            leaveOut("\(what) \(reason)")
            return
        }
        if Self.done.contains(where: { driver.hasPrefix($0) }) { return }
        if driver.hasPrefix("virtio-balloon") {
            set("QEMU_BALLOON", "on", for: what)
            return
        }
        if driver.hasPrefix("usb-") { set("QEMU_USB", "on", for: what) }
        if driver == "virtserialport" || driver == "virtconsole" {
            if device["name"] != "org.qemu.guest_agent.0" {
                leaveOut("\(what) is a channel to a program of the host; set QEMU_EXTRA_ARGS if the container has one")
            }
            return
        }
        if driver.holds("VGA") || driver.hasPrefix("virtio-gpu")
            || ["qxl", "cirrus-vga", "bochs-display", "ramfb"].contains(driver)
        {
            takeScreen(driver == "cirrus-vga" ? "cirrus" : driver, of: what)
            return
        }
        guard !namesFile(device, of: "-device") else { return }
        for key in ["chardev", "audiodev", "memdev", "fsdev", "tpmdev", "iothread", "netdev", "drive"]
        where device[key] != nil {
            leaveOut("\(what) needs its \(key)=; set QEMU_EXTRA_ARGS with both")
            return
        }
        // Drover's devices have places of their own.
        let rest = device.pairs.filter { !["bus", "addr", "port", "multifunction"].contains($0.key) }
        let words = ["-device", OptionValue(rest).text]
        if !isRefused(words) { addArguments(words) }
    }

    /// Controllers that Drover has itself when something needs them, and the guest agent's.
    private static let done = [
        "virtio-serial", "virtio-scsi", "ahci", "ich9-ahci", "piix3-ide", "piix4-ide", "isa-ide", "lsi53c", "megasas",
        "mptsas", "am53c974", "pvscsi",
    ]

    private static let refused: [(drivers: [String], reason: String)] = [
        (["usb-host"], "is a device of the host; set QEMU_USB=on, and then drover usb attach"),
        (["vfio", "pci-assign"], "is a device of the host's PCI bus, which a container does not have"),
        (
            ["intel-hda", "ich9-intel-hda", "hda-", "AC97", "ES1370", "sb16", "usb-audio", "virtio-sound"],
            "is a sound card, and Drover's image has no audio"
        ),
        (
            ["pcie-root-port", "ioh3420", "pci-bridge", "pcie-pci-bridge", "pxb", "x3130", "xio3130"],
            "is a bridge; Drover's devices have places of their own"
        ),
        (["vhost-", "ivshmem"], "needs a program or memory of the host"),
        (["isa-debug-exit"], "would end QEMU, which Drover takes for a failure"),
        (["usb-redir", "usb-ccid", "ccid"], "needs a viewer that Drover does not have"),
    ]

    /// The older way to name one.
    mutating func takeUSBDevice(_ name: String) {
        set("QEMU_USB", "on", for: #""-usbdevice""#)
        guard ["tablet", "mouse", "keyboard"].contains(name) else {
            leaveOut("\"-usbdevice\" \(quoted(name, limit: 20)) has no variable; set QEMU_EXTRA_ARGS with a -device")
            return
        }
        addArguments(["-device", name == "keyboard" ? "usb-kbd" : "usb-\(name)"])
    }
}
