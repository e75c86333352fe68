/// The header of a VirtualBox image, version 1.1, as far as QEMU reads such images (its block/vdi.c).
struct VDIHeader: Equatable {
    static let signature: [UInt8] = [0x7F, 0x10, 0xDA, 0xBE]
    static let signatureOffset = 0x40

    /// In bytes.
    let virtualSize: Int64

    private static let blockSize: UInt64 = 1 << 20
    /// QEMU's own bound: its map of blocks has 2 GiB at the most.
    private static let mostBlocks: UInt64 = ((1 << 31) - 512) / 4

    init(_ window: ImageWindow) throws(DiskHeader.Problem) {
        let head = HeaderBytes(bytes: try window.prefix(at: 0, 512))
        guard let kind = head.littleUInt32(0x4C), let version = head.littleUInt32(0x44),
            let mapOffset = head.littleUInt32(0x154), let dataOffset = head.littleUInt32(0x158),
            let sector = head.littleUInt32(0x168), let size = head.littleUInt64(0x170),
            let block = head.littleUInt32(0x178), let blocks = head.littleUInt32(0x180),
            let allocated = head.littleUInt32(0x184), let parents = head.slice(0x1A8, 32)
        else { throw .truncated("the header") }
        guard version == 0x0001_0001 else { throw .refused("is VDI of version \(version >> 16).\(version & 0xFFFF)") }
        guard kind != 4, parents.allSatisfy({ $0 == 0 }) else {
            throw .refused(
                "is a differencing image, and its parent has the rest; make one whole image of both: "
                    + "VBoxManage clonemedium disk IMAGE NEW.vdi")
        }
        guard kind == 1 || kind == 2 else {
            throw .refused(
                "is a VDI of kind \(kind); make a dynamic or fixed one: VBoxManage clonemedium disk IMAGE NEW.vdi")
        }
        guard size <= Self.mostBlocks * Self.blockSize, let virtualSize = Int64(exactly: size), size > 0 else {
            throw .corrupt("size of \(size) bytes")
        }
        guard sector == 512, UInt64(block) == Self.blockSize else { throw .corrupt("blocks of \(block) bytes") }
        guard UInt64(blocks) <= Self.mostBlocks, UInt64(blocks) * Self.blockSize >= size, allocated <= blocks else {
            throw .corrupt("\(blocks) blocks, \(allocated) of them in use, for \(size) bytes")
        }
        guard mapOffset % 512 == 0, dataOffset % 512 == 0, mapOffset >= 512,
            UInt64(dataOffset) >= UInt64(mapOffset) + UInt64(blocks) * 4
        else { throw .corrupt("map of blocks at \(mapOffset)") }
        // QEMU reads zeros where the file has ended.
        guard UInt64(dataOffset) + UInt64(allocated) * Self.blockSize <= UInt64(window.size) else {
            throw .truncated("the last of \(allocated) blocks")
        }
        // QEMU rounds it up to whole sectors.
        self.virtualSize = (virtualSize + 511) / 512 * 512
    }
}
