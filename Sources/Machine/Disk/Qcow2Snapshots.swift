/// The table of an image's internal snapshots. QEMU reads all of it when it opens the image (block/qcow2-snapshot.c).
struct Qcow2Snapshots {
    /// Where the table lies, and the L1 table of each snapshot.
    private(set) var areas: [Range<UInt64>] = []

    /// QEMU's own bounds: entries, bytes of what an entry has beyond its names, bytes of all.
    private static let most: UInt32 = 65536
    private static let mostExtra: UInt32 = 1024
    private static let longest: UInt64 = 64 << 20
    /// Of an entry: the part that all have.
    private static let entrySize = 40

    init(_ fixed: Qcow2Fields, _ window: ImageWindow) throws(DiskHeader.Problem) {
        guard fixed.snapshots <= Self.most else { throw .corrupt("\(fixed.snapshots) snapshots") }
        // Also when there are none.
        guard fixed.snapshotTable % fixed.clusterSize == 0, fixed.snapshotTable <= UInt64(Int64.max) - Self.longest
        else {
            throw .corrupt("snapshot table at \(fixed.snapshotTable)")
        }
        guard fixed.snapshots > 0 else { return }
        let least = UInt64(fixed.snapshots) * UInt64(Self.entrySize)
        guard window.holds(fixed.snapshotTable, least, clusterSize: fixed.clusterSize) else {
            throw .truncated("the snapshot table")
        }
        var cursor = ImageCursor(window, at: fixed.snapshotTable, "the snapshot table")
        for index in 0..<fixed.snapshots {
            cursor.align()
            let entry = try cursor.take(Self.entrySize)
            guard let names = entry.uint32(12), let extra = entry.uint32(36), extra <= Self.mostExtra,
                let l1Table = entry.uint64(0), let l1Size = entry.uint32(8)
            else {
                throw .corrupt("entry \(index) of the snapshot table")
            }
            cursor.skip(Int(extra) + Int(names >> 16) + Int(names & 0xFFFF))
            guard cursor.offset - fixed.snapshotTable <= Self.longest else {
                throw .corrupt("snapshot table of more than \(Self.longest) bytes")
            }
            if l1Table <= UInt64(Int64.max) { areas.append(l1Table..<(l1Table + UInt64(l1Size) * 8)) }
        }
        areas.append(fixed.snapshotTable..<cursor.offset)
    }
}
