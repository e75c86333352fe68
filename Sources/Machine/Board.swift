/// What depends on the board (`QEMU_MACHINE`) and on the controller of its disks (`QEMU_STORAGE`): which places there are
/// for disks and CDs, and who sits where.
///
/// `pc` has two IDE channels of two units each; `q35` has AHCI with six ports instead. Virtio disks sit on neither, so
/// that the built-in controller then has nothing but CDs.
public struct Board: Equatable, Sendable {
    /// A device and its place: on a bus of disks, or on the PCI bus.
    struct Slot: Equatable {
        let driver: String
        var bus: String?
        var unit: Int?
        /// The device's number on the PCI bus.
        var pci: Int?
    }

    /// Drover's devices on the PCI bus beside virtio disks.
    enum PCIDevice: CaseIterable {
        case share, ahci, agent, usb, balloon
        /// 0 is the first.
        case network(Int)

        static let allCases: [PCIDevice] =
            [.share, .ahci, .agent, .usb, .balloon] + (0...Configuration.FurtherCard.most).map { .network($0) }
    }

    public let type: Configuration.MachineType
    public let storage: Configuration.Storage

    public init(type: Configuration.MachineType, storage: Configuration.Storage) {
        self.type = type
        self.storage = storage
    }

    /// Where the disks are unless the owner says otherwise.
    static func usualStorage(of type: Configuration.MachineType) -> Configuration.Storage {
        switch type {
        case .pc: .ide
        case .q35: .sata
        }
    }

    /// False for IDE on q35, which has none.
    var hasStorage: Bool { type == .pc || storage != .ide }

    /// The AHCI controller that `pc` lacks; q35 has one built in.
    var addsAHCI: Bool { type == .pc && storage == .sata }

    /// QEMU's ide-hd refuses a read-only node: ATA disks have no write protection.
    var takesReadOnlyDisks: Bool { storage == .virtio }

    /// How many disks there is room for beside the system disk, the seed's CD, the owner's and that of the shared folder.
    func mostFurtherDisks(hasCDROM: Bool, hasShare: Bool) -> Int {
        let slots: Int
        switch storage {
        case .ide: slots = 4
        case .sata: slots = Self.ahciPorts
        case .virtio: return Self.virtioDisks - 1
        }
        return slots - 2 - (hasCDROM ? 1 : 0) - (hasShare ? 1 : 0)
    }

    // MARK: Places

    /// The same place whatever else is there: a guest names its network interface after it. QEMU gives what
    /// `QEMU_EXTRA_ARGS` adds the lowest numbers that are free; those from 25 on are Drover's.
    func pciSlot(of device: PCIDevice) -> Int {
        switch (device, type) {
        // The machine itself has put the screen's card (-vga) into the lowest place that was free.
        case (.network(0), .q35): 2
        case (.network(0), .pc): 3
        case (.ahci, _): 4
        // 5 and 6 are left for others, and those of the virtio disks that are not there.
        case (.share, _): 7
        case (.network(let index), _): 24 + index
        case (.agent, _): 28
        // Where -usb has q35's own controllers, which this one takes the place of.
        case (.usb, _): 29
        case (.balloon, _): 30
        }
    }

    private static let firstVirtioDisk = 8
    private static let virtioDisks = 17
    private static let ahciPorts = 6

    /// The bus of an AHCI port; nil where there is IDE instead.
    private func ahci(_ port: Int) -> String? {
        if type == .q35 { return "ide.\(port)" }
        return addsAHCI ? "ahci.\(port)" : nil
    }

    /// - Parameter index: 0 is the system disk.
    func diskSlot(_ index: Int) -> Slot {
        if storage == .virtio { return Slot(driver: "virtio-blk-pci", pci: Self.firstVirtioDisk + index) }
        if let bus = ahci(index) { return Slot(driver: "ide-hd", bus: bus) }
        // The second channel's first unit stays free for a CD: that is where guests look.
        return Slot(driver: "ide-hd", bus: "ide.\(index / 2)", unit: index < 2 ? index : 1)
    }

    /// The owner's CD comes after the disks on AHCI, and on IDE where the seed leaves room.
    func cdromSlot(disks: Int, hasSeed: Bool) -> Slot {
        if let bus = ahci(storage == .virtio ? 0 : disks) { return Slot(driver: "ide-cd", bus: bus) }
        return Slot(driver: "ide-cd", bus: "ide.1", unit: hasSeed ? 1 : 0)
    }

    /// The shared folder's CD comes before the seed's on AHCI; on IDE where there is none of the two others. The last of its
    /// four places may be the second disk's, of which there is none then.
    func shareSlot(hasSeed: Bool, hasCDROM: Bool) -> Slot {
        if let bus = ahci(Self.ahciPorts - 2) { return Slot(driver: "ide-cd", bus: bus) }
        if hasSeed, hasCDROM { return Slot(driver: "ide-cd", bus: "ide.0", unit: 1) }
        return Slot(driver: "ide-cd", bus: "ide.1", unit: hasSeed || hasCDROM ? 1 : 0)
    }

    /// The seed's CD comes first on IDE's second channel, where the Hurd's guest kit looks, or last on AHCI.
    var seedSlot: Slot {
        if let bus = ahci(Self.ahciPorts - 1) { return Slot(driver: "ide-cd", bus: bus) }
        return Slot(driver: "ide-cd", bus: "ide.1", unit: 0)
    }
}

extension Configuration {
    var board: Board { Board(type: machine.type, storage: disks.storage) }
}
