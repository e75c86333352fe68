import Testing

@testable import Seed

/// Each structure against the bytes that its standard prescribes.
@Suite struct ISOStructureTests {
    private func encoded(_ body: (inout ISOBytes) -> Void) -> [UInt8] {
        var bytes = ISOBytes()
        body(&bytes)
        return bytes.bytes
    }

    @Test func integersAreWrittenInBothOrders() {
        #expect(encoded { $0.bothEndian(UInt16(0x1234)) } == [0x34, 0x12, 0x12, 0x34])
        #expect(
            encoded { $0.bothEndian(UInt32(0x1234_5678)) } == [0x78, 0x56, 0x34, 0x12, 0x12, 0x34, 0x56, 0x78])
    }

    @Test func dates() {
        let date = ISODate(year: 2026, month: 11, day: 9)
        #expect(encoded(date.encodeRecording) == [126, 11, 9, 0, 0, 0, 0])
        #expect(encoded(date.encodeDigits) == Array("2026110900000000".utf8) + [0])
        #expect(encoded(ISODate.encodeNone) == Array("0000000000000000".utf8) + [0])
    }

    @Test func directoryRecord() {
        let record = DirectoryRecord(
            identifier: Array("USER_DAT.;1".utf8), extent: Extent(sector: 0x0102, length: 0x0304), isDirectory: false,
            systemUse: [7, 8, 9])
        #expect(
            encoded(record.encode) == [
                48, 0, 0x02, 0x01, 0, 0, 0, 0, 0x01, 0x02, 0x04, 0x03, 0, 0, 0, 0, 0x03, 0x04,
                100, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 11,
            ] + Array("USER_DAT.;1".utf8) + [7, 8, 9, 0])
    }

    @Test(arguments: [(1, 34), (2, 36), (8, 42), (11, 44), (128, 162)])
    func aRecordIsAsLongAsItSays(_ identifier: Int, _ length: Int) {
        let identifier = [UInt8](repeating: 65, count: identifier)
        let record = DirectoryRecord(
            identifier: identifier, extent: Extent(sector: 1, length: 1), isDirectory: true, systemUse: [])
        #expect(DirectoryRecord.length(identifier: identifier, systemUse: 0) == length)
        #expect(encoded(record.encode).count == length)
        #expect(encoded(record.encode)[25] == 2)
    }

    @Test func pathTableRecord() {
        let table = PathTable(records: [
            PathTableRecord(identifier: [0], sector: 0x0102, parent: 0),
            PathTableRecord(identifier: Array("AB".utf8), sector: 3, parent: 0x0103),
        ])
        #expect(table.length == 20)
        #expect(
            encoded { table.encode(.little, into: &$0) }
                == [1, 0, 0x02, 0x01, 0, 0, 1, 0, 0, 0, 2, 0, 3, 0, 0, 0, 4, 1, 65, 66])
        #expect(
            encoded { table.encode(.big, into: &$0) }
                == [1, 0, 0, 0, 0x01, 0x02, 0, 1, 0, 0, 2, 0, 0, 0, 0, 3, 1, 4, 65, 66])
    }

    private static let systemUse: [(SystemUseEntry, [UInt8])] = [
        (.sharingProtocol, Array("SP".utf8) + [7, 1, 0xBE, 0xEF, 0]),
        (
            .continuation(sector: 1, offset: 2, length: 3),
            Array("CE".utf8) + [28, 1, 1, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0, 0, 0, 0, 3]
        ),
        (.present([.attributes, .name, .times]), Array("RR".utf8) + [5, 1, 0x89]),
        (
            .attributes(mode: 0o100400, links: 1),
            Array("PX".utf8) + [36, 1, 0, 0x81, 0, 0, 0, 0, 0x81, 0, 1, 0, 0, 0, 0, 0, 0, 1]
                + [UInt8](repeating: 0, count: 16)
        ),
        (
            .times(ISODate(year: 2001, month: 2, day: 3)),
            Array("TF".utf8) + [26, 1, 0x0E] + [101, 2, 3, 0, 0, 0, 0] + [101, 2, 3, 0, 0, 0, 0] + [
                101, 2, 3, 0, 0, 0, 0,
            ]
        ),
        (.name(Array("user-data".utf8)), Array("NM".utf8) + [14, 1, 0] + Array("user-data".utf8)),
    ]

    @Test func systemUseEntries() {
        for (entry, bytes) in Self.systemUse {
            #expect(encoded(entry.encode) == bytes)
            #expect(entry.length == bytes.count)
        }
        let extensionReference = encoded(SystemUseEntry.rockRidge.encode)
        #expect(extensionReference.count == 237)
        #expect(Array(extensionReference[..<8]) == Array("ER".utf8) + [237, 1, 10, 84, 135, 1])
        #expect(extensionReference.dropFirst(8).starts(with: "RRIP_1991ATHE ROCK RIDGE".utf8))
    }

    @Test func entriesThatDoNotFitContinueElsewhere() {
        let name = SystemUseEntry.name([UInt8](repeating: 65, count: 100))
        var area = ContinuationArea()
        #expect(SystemUseArea([.sharingProtocol, name], room: 112, &area).continuation == nil)

        let split = SystemUseArea([.sharingProtocol, name], room: 111, &area)
        #expect(split.entries == [.sharingProtocol])
        #expect(split.continuation == ContinuationArea.Part(offset: 0, length: 105))
        #expect(split.length == 7 + 28)
        #expect(
            split.encoded(continuationAt: 40)
                == encoded {
                    SystemUseEntry.sharingProtocol.encode(into: &$0)
                    SystemUseEntry.continuation(sector: 40, offset: 0, length: 105).encode(into: &$0)
                })
    }

    @Test func aContinuationStaysInOneSector() {
        let name = SystemUseEntry.name([UInt8](repeating: 65, count: 195))
        var area = ContinuationArea()
        let offsets = (0..<12).map { _ in area.add([name]).offset }
        #expect(offsets == (0..<10).map { $0 * 200 } + [2048, 2248])
        let second = SystemUseArea([name], room: 100, &area)
        #expect(second.continuation?.offset == 2448)
        #expect(
            second.encoded(continuationAt: 40)
                == encoded { SystemUseEntry.continuation(sector: 41, offset: 400, length: 200).encode(into: &$0) })
    }
}
