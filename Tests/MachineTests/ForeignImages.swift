/// Images of other programs made by hand: small disks, with whatever a test wants to be wrong.
enum ForeignImages {
    /// A dynamic VDI of 3 MiB with one block in use.
    static func vdi(_ change: (inout [UInt8]) -> Void = { _ in }) -> [UInt8] {
        var image = [UInt8](repeating: 0, count: 1024 + (1 << 20))
        image.put(0xBEDA_107F as UInt32, at: 0x40)
        image.put(0x0001_0001 as UInt32, at: 0x44)
        image.put(1 as UInt32, at: 0x4C)
        image.put(512 as UInt32, at: 0x154)
        image.put(1024 as UInt32, at: 0x158)
        image.put(512 as UInt32, at: 0x168)
        image.put(3 << 20 as UInt64, at: 0x170)
        image.put(1 << 20 as UInt32, at: 0x178)
        image.put(3 as UInt32, at: 0x180)
        image.put(1 as UInt32, at: 0x184)
        change(&image)
        return image
    }

    /// The footer of a VHD of 1 MiB.
    static func vhdFooter(kind: UInt32, size: UInt64 = 1 << 20, version: UInt32 = 0x0001_0000) -> [UInt8] {
        var footer = Array("conectix".utf8) + [UInt8](repeating: 0, count: 504)
        footer.put(version.bigEndian, at: 12)
        footer.put((kind == 2 ? UInt64.max : 512).bigEndian, at: 16)
        footer.put(size.bigEndian, at: 48)
        footer.put(kind.bigEndian, at: 60)
        return checked(footer, at: 64)
    }

    static func fixedVHD(size: UInt64 = 1 << 20, kind: UInt32 = 2) -> [UInt8] {
        [UInt8](repeating: 7, count: 1 << 20) + vhdFooter(kind: kind, size: size)
    }

    static func dynamicVHD(
        kind: UInt32 = 3, size: UInt64 = 1 << 20, _ change: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        var head = Array("cxsparse".utf8) + [UInt8](repeating: 0, count: 1016)
        head.put((1536 as UInt64).bigEndian, at: 16)
        head.put((1 as UInt32).bigEndian, at: 28)
        head.put((2 << 20 as UInt32).bigEndian, at: 32)
        change(&head)
        let footer = vhdFooter(kind: kind, size: size)
        return footer + checked(head, at: 36) + [UInt8](repeating: 0xFF, count: 512) + footer
    }

    private static func checked(_ structure: [UInt8], at offset: Int) -> [UInt8] {
        var result = structure
        result.put((~structure.reduce(UInt32(0)) { $0 &+ UInt32($1) }).bigEndian, at: offset)
        return result
    }

    struct VHDX {
        var size: UInt64 = 1 << 30
        var blockSize: UInt32 = 32 << 20
        var flags: UInt32 = 0
        var sector: UInt32 = 512
        var hasParentLocator = false
        var hasMetadata = true
        var fileSize = 2 << 20

        var bytes: [UInt8] {
            var image = [UInt8](repeating: 0, count: 2 << 20)
            image.put(Array("vhdxfile".utf8), at: 0)
            image.put(Array("regi".utf8), at: 192 << 10)
            image.put(1 as UInt32, at: 192 << 10 + 8)
            let region = 192 << 10 + 16
            if hasMetadata { image.put(Self.guid("8B7CA20647904B9AB8FE575F050F886E"), at: region) }
            image.put(1 << 20 as UInt64, at: region + 16)
            image.put(1 << 20 as UInt32, at: region + 24)
            let table = 1 << 20
            image.put(Array("metadata".utf8), at: table)
            var items: [(guid: String, value: [UInt8])] = [
                ("CAA16737FA364D43B3B633F0AA44E76B", blockSize.littleBytes + flags.littleBytes),
                ("2FA54224CD1B4876B2115DBED83BF4B8", size.littleBytes),
                ("8141BF1DA96F4709BA47F233A8FAAB5F", sector.littleBytes),
            ]
            if hasParentLocator { items.append(("A8D35F2DB30B454DABF7D3D84834AB0C", [])) }
            image.put(UInt16(items.count), at: table + 10)
            for (index, item) in items.enumerated() {
                image.put(Self.guid(item.guid), at: table + 32 + index * 32)
                image.put(UInt32(65536 + index * 8), at: table + 32 + index * 32 + 16)
                image.put(item.value, at: table + 65536 + index * 8)
            }
            return Array(image.prefix(fileSize))
        }

        /// As a file has one: its first three fields are little-endian.
        private static func guid(_ digits: String) -> [UInt8] {
            var bytes: [UInt8] = []
            var rest = digits[...]
            while !rest.isEmpty {
                bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
                rest = rest.dropFirst(2)
            }
            return bytes[0..<4].reversed() + bytes[4..<6].reversed() + bytes[6..<8].reversed() + bytes[8...]
        }
    }

    /// A VMDK of 16 MiB that grows, with one grain in use.
    struct VMDK {
        var version: UInt32 = 1
        var flags: UInt32 = 3
        var capacity: UInt64 = 32768
        var grain: UInt64 = 128
        var entries: UInt32 = 512
        var directory: UInt64 = 21
        var check: [UInt8] = [0x0A, 0x20, 0x0D, 0x0A]
        var descriptor = "# Disk DescriptorFile\nparentCID=ffffffff\nRW 32768 SPARSE \"a.vmdk\"\n"
        var lastGrain: UInt32 = 128
        var grainHead: [UInt8] = []
        var fileSize = 256 * 512

        var bytes: [UInt8] {
            var image = [UInt8](repeating: 0, count: 256 * 512)
            image.put(Array("KDMV".utf8), at: 0)
            image.put(version, at: 4)
            image.put(flags, at: 8)
            image.put(capacity, at: 12)
            image.put(grain, at: 20)
            image.put(1 as UInt64, at: 28)
            image.put(20 as UInt64, at: 36)
            image.put(entries, at: 44)
            image.put(directory, at: 56)
            image.put(check, at: 73)
            image.put(Array(descriptor.utf8), at: 512)
            image.put(22 as UInt32, at: 21 * 512)
            image.put(lastGrain, at: 22 * 512 + 40)
            image.put(grainHead, at: 128 * 512)
            return Array(image.prefix(fileSize))
        }
    }
}

extension [UInt8] {
    mutating func put(_ bytes: [UInt8], at offset: Int) {
        replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    }

    /// Little-endian.
    mutating func put(_ value: some FixedWidthInteger, at offset: Int) { put(value.littleBytes, at: offset) }
}

extension FixedWidthInteger {
    fileprivate var littleBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
