/// The header of a VMDK file that grows: a disk of its own, or an extent (VMware, "Virtual Disk Format 5.0"; QEMU's
/// block/vmdk.c).
struct VMDKSparseHeader: Equatable {
    static let magic = Array("KDMV".utf8)
    private static let sectorSize: UInt64 = 512
    /// QEMU's own bounds: sectors of a grain, entries of a grain table, bytes of the grain directory.
    private static let largestGrain: UInt64 = 0x20_0000
    private static let mostTableEntries: UInt64 = 512
    private static let longestDirectory: UInt64 = 512 << 20
    /// In the place of the grain directory's sector: it stands in a footer.
    private static let atEnd = UInt64.max

    /// In sectors, as all here.
    let capacity: UInt64
    private let grain: UInt64
    private let tableEntries: UInt64
    private let descriptor: Range<UInt64>
    private let directory: UInt64
    private let isStream: Bool
    private let isCompressed: Bool
    private let hasMarkers: Bool

    static func isOne(_ window: ImageWindow) throws(DiskHeader.Problem) -> Bool {
        try window.prefix(at: 0, 4) == magic
    }

    init(_ window: ImageWindow) throws(DiskHeader.Problem) {
        try self.init(window, at: 0)
    }

    private init(_ window: ImageWindow, at offset: UInt64) throws(DiskHeader.Problem) {
        let head = HeaderBytes(bytes: try window.prefix(at: offset, 512))
        guard let version = head.littleUInt32(4), let capacity = head.littleUInt64(12),
            let grain = head.littleUInt64(20),
            let descriptor = head.littleUInt64(28), let descriptorSize = head.littleUInt64(36),
            let flags = head.littleUInt32(8), let entries = head.littleUInt32(44),
            let directory = head.littleUInt64(56), let check = head.slice(73, 4),
            head.bytes.count == 512
        else { throw .truncated("the header") }
        guard head.bytes.starts(with: Self.magic) else { throw .corrupt("header at \(offset)") }
        guard 1...3 ~= version else { throw .refused("is VMDK of version \(version), which QEMU does not read") }
        // What a transfer as text changes.
        guard check.elementsEqual([0x0A, 0x20, 0x0D, 0x0A]) else {
            throw .corrupt("ends of lines, which a transfer as text has changed")
        }
        guard grain >= 1, grain <= Self.largestGrain, entries >= 1, UInt64(entries) <= Self.mostTableEntries else {
            throw .corrupt("grains of \(grain) sectors, \(entries) in a table")
        }
        let mapped = grain * UInt64(entries)
        guard capacity > 0, capacity <= UInt64(Int64.max) / Self.sectorSize,
            (capacity / mapped + 1) * 4 <= Self.longestDirectory
        else { throw .corrupt("size of \(capacity) sectors") }
        guard descriptorSize <= 2048, descriptor <= UInt64(UInt32.max) else {
            throw .corrupt("descriptor of \(descriptorSize) sectors at \(descriptor)")
        }
        (self.capacity, self.grain, tableEntries) = (capacity, grain, UInt64(entries))
        self.descriptor = descriptor..<(descriptor + descriptorSize)
        (self.directory, isStream) = (directory, directory == Self.atEnd)
        (isCompressed, hasMarkers) = (flags & 1 << 16 != 0, flags & 1 << 17 != 0)
    }

    /// As a disk of its own, with its descriptor in it.
    ///
    /// - Returns: its size in bytes.
    func checkedAlone(_ window: ImageWindow) throws(DiskHeader.Problem) -> Int64 {
        if descriptor.lowerBound > 0, !descriptor.isEmpty {
            let text = try window.prefix(
                at: descriptor.lowerBound * Self.sectorSize, Int(UInt64(descriptor.count) * Self.sectorSize))
            // An extent of several may have room for one.
            if text.contains(where: { $0 != 0 }) {
                let extents = try VMDKDescriptor(text).extents
                guard extents.count == 1, extents.first?.kind == .sparse else {
                    throw .refused("has a descriptor of \(extents.count) extents in it; copy the disk whole")
                }
            }
        }
        try checkTables(window)
        return Int64(capacity * Self.sectorSize)
    }

    /// Looks for the end of what its tables tell of. QEMU reads zeros where the file has ended.
    ///
    /// The first 8192 tables are looked at: 256 GiB with grains of 64 KiB.
    func checkTables(_ window: ImageWindow) throws(DiskHeader.Problem) {
        var start = directory
        if isStream {
            // Before the last marker, which has a sector too.
            let footer = window.size - 2 * Int64(Self.sectorSize)
            guard footer > 0, try window.prefix(at: UInt64(footer), 4) == Self.magic else {
                throw .truncated("the footer")
            }
            let end = try VMDKSparseHeader(window, at: UInt64(footer))
            guard end.capacity == capacity, !end.isStream else { throw .corrupt("footer that is of another disk") }
            start = end.directory
        }
        let count = capacity / (grain * tableEntries) + (capacity % (grain * tableEntries) == 0 ? 0 : 1)
        guard start > 0, start <= UInt64(Int64.max) / Self.sectorSize,
            window.holds(start * Self.sectorSize, count * 4, clusterSize: 512)
        else { throw .truncated("the grain directory") }
        var cursor = ImageCursor(window, at: start * Self.sectorSize, "the grain directory")
        var last: UInt64 = 0
        for _ in 0..<min(count, 8192) {
            let table = UInt64(try cursor.take(4).littleUInt32(0) ?? 0)
            if table != 0 { last = max(last, try lastGrain(window, ofTableAt: table)) }
        }
        // 1 is a grain of zeros.
        guard last > 1, let end = try endOfGrain(window, at: last * Self.sectorSize) else { return }
        guard end <= UInt64(window.size) else { throw .truncated("the last grain") }
    }

    /// - Returns: its sector.
    private func lastGrain(_ window: ImageWindow, ofTableAt sector: UInt64) throws(DiskHeader.Problem) -> UInt64 {
        let length = tableEntries * 4
        guard window.holds(sector * Self.sectorSize, length, clusterSize: 512) else {
            throw .truncated("a grain table")
        }
        let table = HeaderBytes(bytes: try window.prefix(at: sector * Self.sectorSize, Int(length)))
        var last: UInt64 = 0
        for index in 0..<Int(tableEntries) { last = max(last, UInt64(table.littleUInt32(index * 4) ?? 0)) }
        return last
    }

    /// A compressed one says itself how long it is.
    private func endOfGrain(_ window: ImageWindow, at offset: UInt64) throws(DiskHeader.Problem) -> UInt64? {
        guard isCompressed else { return offset + grain * Self.sectorSize }
        let marker = HeaderBytes(bytes: try window.prefix(at: offset, 12))
        guard let length = marker.littleUInt32(8) else { throw .truncated("the last grain") }
        return hasMarkers ? offset + 12 + UInt64(length) : nil
    }
}
