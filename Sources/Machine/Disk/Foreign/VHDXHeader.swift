/// What a VHDX says of the disk in it (MS-VHDX); its checksums and its log are QEMU's to judge.
struct VHDXHeader: Equatable {
    static let signature = Array("vhdxfile".utf8)

    /// In bytes.
    let virtualSize: Int64

    /// 64 TiB, the format's own bound.
    private static let largest: UInt64 = 64 << 40
    private static let regionTable: UInt64 = 192 << 10

    /// As they stand in the file: MS-VHDX 2.2.3.2 and 2.6.2.
    private enum GUID {
        static let metadata: [UInt8] = [
            0x06, 0xA2, 0x7C, 0x8B, 0x90, 0x47, 0x9A, 0x4B, 0xB8, 0xFE, 0x57, 0x5F, 0x05, 0x0F, 0x88, 0x6E,
        ]
        static let fileParameters: [UInt8] = [
            0x37, 0x67, 0xA1, 0xCA, 0x36, 0xFA, 0x43, 0x4D, 0xB3, 0xB6, 0x33, 0xF0, 0xAA, 0x44, 0xE7, 0x6B,
        ]
        static let virtualSize: [UInt8] = [
            0x24, 0x42, 0xA5, 0x2F, 0x1B, 0xCD, 0x76, 0x48, 0xB2, 0x11, 0x5D, 0xBE, 0xD8, 0x3B, 0xF4, 0xB8,
        ]
        static let logicalSector: [UInt8] = [
            0x1D, 0xBF, 0x41, 0x81, 0x6F, 0xA9, 0x09, 0x47, 0xBA, 0x47, 0xF2, 0x33, 0xA8, 0xFA, 0xAB, 0x5F,
        ]
        static let parentLocator: [UInt8] = [
            0x2D, 0x5F, 0xD3, 0xA8, 0x0B, 0xB3, 0x4D, 0x45, 0xAB, 0xF7, 0xD3, 0xD8, 0x48, 0x34, 0xAB, 0x0C,
        ]
    }

    init(_ window: ImageWindow) throws(DiskHeader.Problem) {
        let offset = try Self.metadataOffset(window)
        let table = HeaderBytes(bytes: try window.prefix(at: offset, 64 << 10))
        guard table.bytes.starts(with: Array("metadata".utf8)), let count = table.littleUInt16(10), count <= 2047 else {
            throw .corrupt("table of its metadata at \(offset)")
        }
        var items: [[UInt8]: HeaderBytes] = [:]
        for index in 0..<Int(count) {
            let entry = 32 + index * 32
            guard let guid = table.slice(entry, 16), let place = table.littleUInt32(entry + 16) else {
                throw .truncated("the table of its metadata")
            }
            items[Array(guid)] = HeaderBytes(bytes: try window.prefix(at: offset + UInt64(place), 8))
        }
        guard let parameters = items[GUID.fileParameters], let block = parameters.littleUInt32(0),
            let flags = parameters.littleUInt32(4), let size = items[GUID.virtualSize]?.littleUInt64(0),
            let sector = items[GUID.logicalSector]?.littleUInt32(0)
        else { throw .corrupt("metadata without the size of the disk") }
        guard flags & 2 == 0, items[GUID.parentLocator] == nil else {
            throw .refused(
                "is a differencing image, and its parent has the rest; make one whole image of both: Hyper-V's "
                    + "Convert-VHD IMAGE NEW.vhdx -VHDType Dynamic")
        }
        guard sector == 512 else {
            throw .refused(
                "has sectors of \(sector) bytes, which QEMU does not read; make a disk with sectors of 512, "
                    + "such as by New-VHD -LogicalSectorSizeBytes 512, and copy it there in its guest")
        }
        guard block >= 1 << 20, block <= 256 << 20, block.nonzeroBitCount == 1 else {
            throw .corrupt("blocks of \(block) bytes")
        }
        guard size > 0, size <= Self.largest, size % 512 == 0, let virtualSize = Int64(exactly: size) else {
            throw .corrupt("size of \(size) bytes")
        }
        self.virtualSize = virtualSize
    }

    private static func metadataOffset(_ window: ImageWindow) throws(DiskHeader.Problem) -> UInt64 {
        let table = HeaderBytes(bytes: try window.prefix(at: regionTable, 64 << 10))
        guard table.bytes.count == 64 << 10 else { throw .truncated("the table of its regions") }
        guard table.bytes.starts(with: Array("regi".utf8)), let count = table.littleUInt32(8), count <= 2047 else {
            throw .corrupt("table of its regions")
        }
        for index in 0..<Int(count) {
            let entry = 16 + index * 32
            guard let guid = table.slice(entry, 16), let offset = table.littleUInt64(entry + 16),
                let length = table.littleUInt32(entry + 24)
            else { throw .corrupt("table of its regions") }
            guard Array(guid) == GUID.metadata else { continue }
            guard window.holds(offset, UInt64(length), clusterSize: 1), length >= 64 << 10, offset >= 1 << 20 else {
                throw .truncated("its metadata")
            }
            return offset
        }
        throw .corrupt("table of its regions, without that of metadata")
    }
}
