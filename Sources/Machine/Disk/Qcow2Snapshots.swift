/// The table of an image's internal snapshots. QEMU reads all of it when it opens the image (block/qcow2-snapshot.c).
enum Qcow2Snapshots {
    /// QEMU's own bounds: entries, bytes of what an entry has beyond its names, bytes of all.
    private static let most: UInt32 = 65536
    private static let mostExtra: UInt32 = 1024
    private static let longest: UInt64 = 64 << 20
    /// Of an entry: the part that all have.
    private static let entrySize = 40

    static func check(_ fixed: Qcow2Fields, _ window: ImageWindow) throws(DiskHeader.Problem) {
        guard fixed.snapshots <= most else { throw .corrupt("\(fixed.snapshots) snapshots") }
        // Also when there are none.
        guard fixed.snapshotTable % fixed.clusterSize == 0, fixed.snapshotTable <= UInt64(Int64.max) - longest else {
            throw .corrupt("snapshot table at \(fixed.snapshotTable)")
        }
        guard fixed.snapshots > 0 else { return }
        let least = UInt64(fixed.snapshots) * UInt64(entrySize)
        guard window.holds(fixed.snapshotTable, least, clusterSize: fixed.clusterSize) else {
            throw .truncated("the snapshot table")
        }
        var cursor = ImageCursor(window, at: fixed.snapshotTable, "the snapshot table")
        for index in 0..<fixed.snapshots {
            cursor.skip(Int((8 - cursor.offset % 8) % 8))
            let entry = try cursor.take(entrySize)
            guard let names = entry.uint32(12), let extra = entry.uint32(36), extra <= mostExtra else {
                throw .corrupt("entry \(index) of the snapshot table")
            }
            cursor.skip(Int(extra) + Int(names >> 16) + Int(names & 0xFFFF))
            guard cursor.offset - fixed.snapshotTable <= longest else {
                throw .corrupt("snapshot table of more than \(longest) bytes")
            }
        }
    }
}
