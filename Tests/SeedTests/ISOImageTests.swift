import Seed
import Testing

@Suite struct ISOImageTests {
    private static let seed = ISOTree(
        files: [
            ISOFile(name: "user-data", contents: Array("#cloud-config\n{}\n".utf8)),
            ISOFile(name: "meta-data", contents: Array("instance-id: i\n".utf8)),
        ],
        directories: [ISODirectory(name: "drover", files: [ISOFile(name: "hostname", contents: Array("hurd\n".utf8))])])

    private func read(_ tree: ISOTree) throws -> ImageReader {
        let image = try ISOImage(tree)
        let bytes = image.encoded()
        #expect(bytes.count == image.size)
        #expect(bytes.count % 2048 == 0)
        return ImageReader(bytes: bytes)
    }

    @Test func descriptors() throws {
        let reader = try read(Self.seed)
        #expect(reader.bytes[..<32768].allSatisfy { $0 == 0 })
        for (sector, type) in [(16, 1), (17, 2), (18, 255)] {
            #expect(reader.bytes[sector * 2048] == type)
            #expect(reader.text(sector * 2048 + 1, 6) == "CD001\u{1}")
        }
        #expect(reader.text(16 * 2048 + 40, 32) == "cidata" + String(repeating: " ", count: 26))
        #expect(reader.text(17 * 2048 + 40, 14) == "\0c\0i\0d\0a\0t\0a\0 ")
        #expect(reader.text(17 * 2048 + 88, 3) == "%/E")
        for descriptor in [16 * 2048, 17 * 2048] {
            for (offset, width) in [(80, 4), (120, 2), (124, 2), (128, 2), (132, 4)] {
                let field = descriptor + offset
                #expect(reader.little(field, width) == reader.big(field + width, width))
            }
            #expect(reader.little(descriptor + 128, 2) == 2048)
            #expect(reader.bytes[descriptor + 881] == 1)
            #expect(reader.text(descriptor + 813, 17) == "2000010100000000\0")
            #expect(reader.text(descriptor + 847, 17) == "0000000000000000\0")
        }
    }

    @Test func thePaddingIsBeyondTheVolume() throws {
        let reader = try read(Self.seed)
        let volume = reader.little(16 * 2048 + 80, 4)
        #expect(reader.bytes.count == (volume + 16) * 2048)
        #expect(reader.bytes[(volume * 2048)...].allSatisfy { $0 == 0 })
        #expect(reader.bytes[((volume - 1) * 2048)..<(volume * 2048)].contains { $0 != 0 })
        #expect(reader.bytes.count < 100_000)
    }

    @Test func bothTreesLeadToTheSameContents() throws {
        let reader = try read(Self.seed)
        #expect(reader.names(of: reader.root(16)) == ["DROVER", "META_DAT.;1", "USER_DAT.;1"])
        #expect(reader.ucs2Names(of: reader.root(17)) == ["drover", "meta-data", "user-data"])
        for descriptor in [16, 17] {
            let records = reader.records(of: reader.root(descriptor))
            #expect(records.map(\.isDirectory) == [true, true, true, false, false])
            #expect(records[0].sector == reader.root(descriptor).sector)
            #expect(records[1].sector == reader.root(descriptor).sector)
            #expect(reader.text(records[3].sector * 2048, records[3].size) == "instance-id: i\n")
            #expect(reader.text(records[4].sector * 2048, records[4].size) == "#cloud-config\n{}\n")
            let inside = reader.records(of: records[2])
            #expect(inside[0].sector == records[2].sector)
            #expect(inside[1].sector == records[0].sector)
            #expect(reader.text(inside[2].sector * 2048, inside[2].size) == "hurd\n")
        }
        #expect(reader.records(of: reader.root(17)).allSatisfy { $0.systemUse.isEmpty })
    }

    @Test func pathTables() throws {
        let names = (0..<40).map { "directory \($0) " + String(repeating: "x", count: 48) }
        let reader = try read(
            ISOTree(files: [], directories: names.map { ISODirectory(name: $0, files: []) }))
        for descriptor in [16, 17] {
            let little = reader.pathTable(descriptor, big: false)
            let root = reader.root(descriptor)
            #expect(little == reader.pathTable(descriptor, big: true))
            #expect(little.count == 41)
            #expect(little.map(\.parent) == [Int](repeating: 1, count: 41))
            #expect(little[0] == ImageReader.PathRecord(sector: root.sector, parent: 1, identifier: [0]))
            let records = reader.records(of: root).dropFirst(2)
            #expect(little.dropFirst().map(\.identifier) == records.map(\.identifier))
            #expect(little.dropFirst().map(\.sector) == records.map(\.sector))
        }
    }

    @Test func directoriesInDirectories() throws {
        func directory(_ name: String, _ directories: [ISODirectory] = []) -> ISODirectory {
            ISODirectory(
                name: name, files: [ISOFile(name: "in", contents: Array(name.utf8))], directories: directories)
        }
        let reader = try read(
            ISOTree(
                files: [],
                directories: [
                    directory("b", [directory("e", [directory("f")]), directory("c")]),
                    directory("a", [directory("d")]),
                ]))
        for descriptor in [16, 17] {
            let table = reader.pathTable(descriptor, big: false)
            #expect(table == reader.pathTable(descriptor, big: true))
            let names = table.dropFirst().map { String(decoding: $0.identifier.filter { $0 != 0 }, as: UTF8.self) }
            #expect(names.map { $0.lowercased() } == ["a", "b", "d", "c", "e", "f"])
            #expect(table.map(\.parent) == [1, 1, 1, 2, 3, 3, 6])

            var (place, parent) = (reader.root(descriptor), reader.root(descriptor))
            for name in ["b", "e", "f"] {
                let records = reader.records(of: place)
                #expect(records[0].sector == place.sector && records[1].sector == parent.sector)
                parent = place
                place = try #require(
                    records.dropFirst(2).first {
                        $0.isDirectory
                            && String(decoding: $0.identifier.filter { $0 != 0 }, as: UTF8.self).lowercased() == name
                    })
                let file = try #require(reader.records(of: place).first { !$0.isDirectory })
                #expect(reader.text(file.sector * 2048, file.size) == name)
            }
        }
    }

    @Test func recordsStayInTheirSectorAndInOrder() throws {
        let names = (0..<200).map { "\($0 * 7 % 200)-" + String(repeating: "é", count: $0 % 60) }
        let reader = try read(ISOTree(files: names.map { ISOFile(name: $0, contents: []) }))
        for descriptor in [16, 17] {
            let records = reader.records(of: reader.root(descriptor))
            #expect(records.count == 202)
            #expect(records.allSatisfy { $0.offset / 2048 == ($0.offset + $0.length - 1) / 2048 })
            #expect(records.allSatisfy { $0.length % 2 == 0 })
            let identifiers = records.dropFirst(2).map(\.identifier)
            #expect(zip(identifiers, identifiers.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        }
        #expect(reader.ucs2Names(of: reader.root(17)).sorted() == names.sorted())
    }

    @Test func aLongNameGoesOnInTheContinuationArea() throws {
        let name = String(repeating: "日", count: 64)
        let reader = try read(ISOTree(files: [ISOFile(name: name, contents: [])]))
        let record = try #require(reader.records(of: reader.root(16)).last)
        #expect(record.length <= 254)
        // A record has an even length.
        let reference = record.offset + record.length - 29
        #expect(reader.text(reference, 2) == "CE")
        let start = reader.little(reference + 4, 4) * 2048 + reader.little(reference + 12, 4)
        #expect(reader.little(reference + 20, 4) == 5 + 192)
        #expect(reader.text(start, 2) == "NM")
        #expect(reader.text(start + 5, 192) == name)
    }

    @Test func theSameTreeGivesTheSameBytes() throws {
        var shuffled = Self.seed
        shuffled.files.reverse()
        let image = try ISOImage(Self.seed).encoded()
        #expect(try ISOImage(Self.seed).encoded() == image)
        #expect(try ISOImage(shuffled).encoded() == image)
        shuffled.files[0].contents.append(0)
        #expect(try ISOImage(shuffled).encoded() != image)
    }

    @Test(arguments: [0, 1, 2047, 2048, 2049, 4096, 1 << 20])
    func filesBeginAtASector(_ size: Int) throws {
        let contents = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 + 1) }
        let reader = try read(
            ISOTree(files: [ISOFile(name: "a", contents: contents), ISOFile(name: "b", contents: [1, 2, 3])]))
        let records = reader.records(of: reader.root(16))
        #expect(records[2].size == size)
        #expect(Array(reader.bytes[(records[2].sector * 2048)...].prefix(size)) == contents)
        #expect(records[3].sector == records[2].sector + (size + 2047) / 2048)
        #expect(reader.little(16 * 2048 + 80, 4) == records[3].sector + 1)
    }

    @Test func anEmptyTreeIsAnImage() throws {
        let reader = try read(ISOTree(files: []))
        #expect(reader.records(of: reader.root(16)).count == 2)
        #expect(reader.records(of: reader.root(17)).count == 2)
    }
}
