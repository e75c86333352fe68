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
        for hasCDROM in [true, false] {
            let disks = 1 + board.mostFurtherDisks(hasCDROM: hasCDROM)
            var slots = (0..<disks).map(board.diskSlot)
            if hasCDROM { slots.append(board.cdromSlot(disks: disks, hasSeed: hasSeed)) }
            if hasSeed { slots.append(board.seedSlot) }
            // Virtio disks find their own.
            let places = slots.compactMap { slot in slot.bus.map { "\($0)/\(slot.unit ?? 0)" } }
            #expect(Set(places).count == places.count, "\(places)")
            #expect(places.count == slots.count - (board.storage == .virtio ? disks : 0))
            // A port of AHCI has one unit.
            #expect(slots.allSatisfy { $0.unit == nil || board.type == .pc && !board.addsAHCI })
        }
    }
}
