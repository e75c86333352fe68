import Testing

@testable import Machine

@Suite struct BoardTests {
    static let boards = Configuration.MachineType.allCases.flatMap { type in
        Configuration.Storage.allCases.map { Board(type: type, storage: $0) }.filter(\.hasStorage)
    }

    @Test func onlyIDEOnQ35IsNotThere() {
        #expect(Self.boards.count == 5)
        #expect(!Board(type: .q35, storage: .ide).hasStorage)
        for type in Configuration.MachineType.allCases {
            #expect(Board(type: type, storage: Board.usualStorage(of: type)).hasStorage)
        }
    }

    @Test(arguments: boards, [true, false])
    func aFullBoardHasAPlaceOfItsOwnForEach(board: Board, hasSeed: Bool) {
        for (hasCDROM, hasShare) in [(true, true), (true, false), (false, true), (false, false)] {
            let disks = 1 + board.mostFurtherDisks(hasCDROM: hasCDROM, hasShare: hasShare)
            var slots = (0..<disks).map(board.diskSlot)
            if hasCDROM { slots.append(board.cdromSlot(disks: disks, hasSeed: hasSeed)) }
            if hasShare { slots.append(board.shareSlot(hasSeed: hasSeed, hasCDROM: hasCDROM)) }
            if hasSeed { slots.append(board.seedSlot) }
            var places = slots.map { "\($0.bus ?? "pci")/\($0.pci ?? $0.unit ?? 0)" }
            places += Board.PCIDevice.allCases.map { "pci/\(board.pciSlot(of: $0))" }
            // The chipset's and the screen's.
            places += (board.type == .pc ? [0, 1, 2] : [0, 1, 31]).map { "pci/\($0)" }
            #expect(Set(places).count == places.count, "\(places)")
            #expect(slots.allSatisfy { ($0.pci != nil) == ($0.driver == "virtio-blk-pci") && $0.pci ?? 0 < 25 })
            // A port of AHCI has one unit.
            #expect(slots.allSatisfy { $0.unit == nil || board.type == .pc && !board.addsAHCI })
        }
    }
}
