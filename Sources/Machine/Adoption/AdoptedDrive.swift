import Basics

/// A disk or a CD of a QEMU command line.
struct AdoptedDrive {
    /// For messages: `"-hda"`.
    let source: String
    var path: String
    var isCDROM = false
    var format: String?
    /// As `-drive` and devices call it: `ide`, `virtio`, `scsi` …; nil is the board's.
    var interface: String?
    var readOnly = false
    var isThrownAway = false
    var cache: String?
    var asyncIO: String?
    /// What a device calls it by.
    var id: String?
    /// Its unit, unless the firmware's order says otherwise; nil: the first that is free.
    var unit: Int?
    var bootIndex: Int?

    init(_ path: String, as source: String, isCDROM: Bool = false) {
        self.path = path
        self.source = source
        self.isCDROM = isCDROM
    }

    /// `nbd:…`, `https://…`, `json:{…}`: a word before the first colon. What follows may have a password.
    static func protocolName(_ path: String) -> String? {
        guard let colon = path.firstIndex(of: ":") else { return nil }
        let name = path[..<colon]
        let isName = name.utf8.allSatisfy { $0.isDigit || (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }
        return isName && name.utf8.count > 1 ? String(name) : nil
    }

    /// In the words of `QEMU_STORAGE`; nil: wherever the others are.
    var storage: Configuration.Storage? {
        switch interface {
        case "virtio", "scsi": .virtio
        case "sata", "older scsi": .sata
        case "ide": .ide
        default: nil
        }
    }
}

extension Adoption {
    mutating func takeDrive(_ option: OptionValue) {
        let path = option["file"] ?? option["file.filename"] ?? option["filename"] ?? ""
        let what = "\"-drive\" of \(quoted(AdoptedDrive.protocolName(path) ?? path))"
        var drive = AdoptedDrive(path, as: what, isCDROM: option["media"] == "cdrom")
        drive.id = option["id"]
        drive.interface = option["if"]
        drive.format = option["format"] ?? option["driver"]
        drive.readOnly = option.isOn("readonly") || option.isOn("read-only")
        drive.isThrownAway = option.isOn("snapshot")
        drive.cache = option["cache"] ?? (option.isOn("cache.direct") ? "none" : nil)
        drive.asyncIO = option["aio"]
        drive.bootIndex = option["bootindex"].flatMap { Int(decimal: $0) }
        if let index = option["index"].flatMap({ Int(decimal: $0) }) { drive.unit = index }
        if let interface = drive.interface, ["pflash", "floppy", "mtd", "sd"].contains(interface), !path.isEmpty {
            // On no controller of disks; pflash is UEFI.
            let inside = mount(path, readOnly: drive.readOnly)
            let others = option.pairs.filter { $0.key != "file" && $0.key != "id" }
            addArguments(["-drive", OptionValue(others + [("file", inside)]).text])
            return
        }
        leaveOutKeys(
            of: option,
            but: [
                "file", "file.filename", "filename", "file.driver", "media", "id", "if", "format", "driver", "readonly",
                "read-only", "snapshot", "cache", "cache.direct", "aio", "bootindex", "index", "bus", "unit",
            ], in: what)
        if path.isEmpty { return }
        drives.append(drive)
    }

    /// The nodes of `-blockdev` that devices name, or other nodes.
    func blockNode(_ name: String) -> AdoptedDrive? {
        guard var node = blockNodes.last(where: { $0["node-name"] == name }) else { return nil }
        let top = node
        var depth = 0
        while let child = node["file"], depth < 8, let next = blockNodes.last(where: { $0["node-name"] == child }) {
            node = next
            depth += 1
        }
        guard let path = node["file.filename"] ?? node["filename"] else { return nil }
        var drive = AdoptedDrive(path, as: "\"-blockdev\" \(quoted(name))")
        let format = top["driver"] ?? ""
        drive.format = ["file", "host_device"].contains(format) ? "raw" : format
        drive.readOnly = top.isOn("read-only")
        drive.cache = top.isOn("cache.direct") || node.isOn("cache.direct") ? "none" : nil
        drive.asyncIO = node["aio"]
        drive.id = name
        return drive
    }

    mutating func takeDrives() {
        // One that no device has, the guest does not see.
        for drive in drives where drive.interface == "none" {
            leaveOut("\(drive.source) is no device's; give it one, or if=virtio")
        }
        drives.removeAll { $0.interface == "none" }
        for drive in drives {
            if AdoptedDrive.protocolName(drive.path) != nil {
                leaveOut("\(drive.source) is no file; Drover's disks are files and block devices")
            }
        }
        drives.removeAll { AdoptedDrive.protocolName($0.path) != nil }
        var free = (0...drives.count).filter { unit in !drives.contains { $0.unit == unit } }
        for index in drives.indices where drives[index].unit == nil { drives[index].unit = free.removeFirst() }
        drives.sort { ($0.bootIndex ?? 1000, $0.unit ?? 0) < ($1.bootIndex ?? 1000, $1.unit ?? 0) }
        takeCDs(drives.filter(\.isCDROM))
        takeDisks(drives.filter { !$0.isCDROM })
    }

    private mutating func takeCDs(_ discs: [AdoptedDrive]) {
        guard let first = discs.first else { return }
        set("QEMU_CDROM", mount(first.path, readOnly: true), for: first.source)
        for disc in discs.dropFirst() {
            leaveOut("\(disc.source) is a second CD; Drover has room for one beside its seed")
        }
        let disk = drives.first { !$0.isCDROM }
        let isFirst = first.bootIndex.map { $0 < disk?.bootIndex ?? 1000 } ?? false
        if bootOrder.hasPrefix("d") || isFirst, disk != nil { set("QEMU_BOOT", "cdrom", for: first.source) }
    }

    private mutating func takeDisks(_ named: [AdoptedDrive]) {
        var disks = named
        for index in disks.indices { convert(&disks[index]) }
        guard let system = disks.first else {
            set("QEMU_DRIVE", "/opt/hurd-image/disk.qcow2", for: "QEMU_DRIVE")
            set("CREATE_DISK", "on", for: "CREATE_DISK")
            set("DISK_SIZE", "8G", for: "DISK_SIZE")
            leaveOut("no disk is named: Drover makes an empty one of DISK_SIZE in a volume")
            return
        }
        takeStorage(of: system, disks)
        set("QEMU_DRIVE", mount(system.path), for: system.source)
        if let format = system.format { set("QEMU_DRIVE_FORMAT", format, for: system.source) }
        if system.readOnly {
            leaveOut("\(system.source) is read-only; the system disk is written, or thrown away with QEMU_SNAPSHOT=1")
        }
        if system.isThrownAway { set("QEMU_SNAPSHOT", "on", for: system.source) }
        if let cache = system.cache { set("QEMU_CACHE", cache, for: system.source) }
        if let asyncIO = system.asyncIO { set("QEMU_AIO", asyncIO, for: system.source) }
        for disk in disks.dropFirst() {
            let item = Configuration.Disk(
                path: mount(disk.path, readOnly: disk.readOnly),
                format: disk.format.flatMap(Configuration.DiskFormat.init(rawValue:)), readOnly: disk.readOnly)
            add(item.text, to: "QEMU_DISKS", for: disk.source)
            for (key, value, other) in [
                ("cache", disk.cache, system.cache), ("aio", disk.asyncIO, system.asyncIO),
            ] where value != nil && value != other {
                leaveOut("\(disk.source) has another \(key)= than the system disk; Drover has one for all")
            }
            if disk.isThrownAway, !system.isThrownAway {
                leaveOut("\(disk.source) has snapshot=on; QEMU_SNAPSHOT=1 is for all disks")
            }
        }
        for disk in disks where disk.format == nil && !disk.path.hasSuffix(".qcow2") {
            leaveOut(
                "\(disk.source) has no format=; if it is raw, say so: QEMU_DRIVE_FORMAT=raw, or :raw in QEMU_DISKS"
            )
        }
    }

    /// Formats that Drover does not read.
    private mutating func convert(_ disk: inout AdoptedDrive) {
        if disk.format == nil { disk.format = ["vmdk", "vdi", "vhdx", "qed"].first { disk.path.hasSuffix(".\($0)") } }
        guard let format = disk.format, Configuration.DiskFormat(rawValue: format) == nil else { return }
        let stem = disk.path.hasSuffix(".\(format)") ? String(disk.path.dropLast(format.utf8.count + 1)) : disk.path
        let command = "qemu-img convert -O qcow2 \(shellQuoted(disk.path)) \(shellQuoted(stem + ".qcow2"))"
        leaveOut("\(disk.source) is \(quoted(format, limit: 20)), which Drover does not read; first: \(command)")
        disk.path = stem + ".qcow2"
        disk.format = "qcow2"
    }

    private mutating func takeStorage(of system: AdoptedDrive, _ disks: [AdoptedDrive]) {
        let usual = Board.usualStorage(of: configuration.machine.type)
        var storage = system.storage ?? usual
        if storage == .ide, configuration.machine.type == .q35 { storage = .sata }
        if storage != usual { set("QEMU_STORAGE", storage.rawValue, for: system.source) }
        for disk in disks {
            if let interface = disk.interface, disk.storage == nil || interface.hasSuffix("scsi") {
                leaveOut(
                    "\(disk.source) is on \(quoted(interface, limit: 20)); Drover has ide, sata and virtio, and puts it on \(storage.rawValue)"
                )
            } else if let own = disk.storage, own != storage, !(own == .ide && storage == .sata) {
                leaveOut(
                    "\(disk.source) is on \(own.rawValue); all disks are on one controller, here \(storage.rawValue)")
            }
        }
    }
}
