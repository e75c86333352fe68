/// The persistent dirty bitmaps of an image. QEMU loads all of them when it opens the image (block/qcow2-bitmap.c).
struct Qcow2Bitmaps {
    private let count: UInt32
    private let directory: UInt64
    private let directorySize: UInt64

    /// QEMU's own bounds: bitmaps, bytes of the directory, bytes of a bitmap, bits of a granularity, bytes of a name.
    private static let most: UInt32 = 65535
    private static let longestDirectory: UInt64 = 1024 * 65535
    private static let largest: UInt64 = 0x2000_0000
    private static let granularities: ClosedRange<UInt8> = 9...31
    private static let longestName: UInt16 = 1023
    /// Ours: of so many entries of all bitmaps' tables the values are looked at.
    private static let mostTableEntries = 65536

    /// - Parameter fields: the 24 bytes of the header extension.
    init(_ fields: HeaderBytes, _ fixed: Qcow2Fields) throws(DiskHeader.Problem) {
        guard let count = fields.uint32(0), let reserved = fields.uint32(4), let directorySize = fields.uint64(8),
            let directory = fields.uint64(16), (1...Self.most).contains(count), reserved == 0,
            directory % fixed.clusterSize == 0, directory <= UInt64(Int64.max) - Self.longestDirectory,
            directorySize <= Self.longestDirectory
        else { throw .corrupt("bitmaps extension") }
        (self.count, self.directory, self.directorySize) = (count, directory, directorySize)
    }

    /// - Parameter areas: of the image's other tables. QEMU notes in the directory that it uses the bitmaps.
    func check(
        _ fixed: Qcow2Fields, _ window: ImageWindow, apartFrom areas: [Range<UInt64>]
    ) throws(DiskHeader.Problem) {
        guard !areas.contains(where: { $0.overlaps(directory..<(directory + directorySize)) }) else {
            throw .corrupt("directory of its bitmaps at \(directory), where something else lies")
        }
        var cursor = ImageCursor(window, at: directory, "the directory of its bitmaps")
        var names: Set<[UInt8]> = []
        var entriesLeft = Self.mostTableEntries
        for index in 0..<count {
            let isBitmap = try checkEntry(&cursor, fixed, window, &names, &entriesLeft)
            guard isBitmap, cursor.offset - directory <= directorySize else {
                throw .corrupt("entry \(index) of the directory of its bitmaps")
            }
        }
        guard cursor.offset - directory == directorySize else {
            throw .corrupt("directory of its bitmaps of \(directorySize) bytes")
        }
    }

    private func checkEntry(
        _ cursor: inout ImageCursor, _ fixed: Qcow2Fields, _ window: ImageWindow, _ names: inout Set<[UInt8]>,
        _ entriesLeft: inout Int
    ) throws(DiskHeader.Problem) -> Bool {
        let entry = try cursor.take(24)
        guard let table = entry.uint64(0), let tableSize = entry.uint32(8), let flags = entry.uint32(12),
            let kinds = entry.uint32(16), let extra = entry.uint32(20), extra == 0
        else { return false }
        let (type, granularity, nameSize) = (kinds >> 24, UInt8(kinds >> 16 & 0xFF), UInt16(kinds & 0xFFFF))
        let bytes = UInt64(tableSize) * fixed.clusterSize
        guard type == 1, flags & ~3 == 0, Self.granularities.contains(granularity), nameSize <= Self.longestName,
            tableSize > 0, bytes <= Self.largest, table > 0, table % fixed.clusterSize == 0,
            table <= UInt64(Int64.max) - Self.largest
        else { return false }
        let name = try cursor.take(Int(nameSize)).bytes
        if name.contains(0) { return false }
        cursor.align()
        // One that was in use is not loaded.
        if flags & 1 != 0 { return true }
        guard names.insert(name).inserted,
            UInt64(tableSize) == Self.clusters(fixed, granularity)
        else { return false }

        var tableCursor = ImageCursor(window, at: table, "the table of a bitmap")
        for _ in 0..<min(Int(tableSize), entriesLeft) {
            guard let value = try tableCursor.take(8).uint64(0), isTableEntry(value, fixed) else { return false }
        }
        entriesLeft -= min(Int(tableSize), entriesLeft)
        return true
    }

    /// How many clusters hold a bit for each part of the disk, in words of 64.
    private static func clusters(_ fixed: Qcow2Fields, _ granularity: UInt8) -> UInt64 {
        let size = fixed.size / 512 * 512
        guard size > 0 else { return 0 }
        let bytes = (((size - 1) >> UInt64(granularity + 6)) + 1) * 8
        return (bytes + fixed.clusterSize - 1) / fixed.clusterSize
    }

    /// Where a cluster of the bitmap lies, or, at 0, whether its bits are all set.
    private func isTableEntry(_ value: UInt64, _ fixed: Qcow2Fields) -> Bool {
        let offset = value & 0x00FF_FFFF_FFFF_FE00
        guard value & 0xFF00_0000_0000_01FE == 0 else { return false }
        return offset == 0 || value & 1 == 0 && offset % fixed.clusterSize == 0
    }
}
