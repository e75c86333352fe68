/// The header of a qcow2 image, version 2 or 3, checked as far as the header itself can be (QEMU's
/// docs/interop/qcow2.txt).
public struct Qcow2Header: Equatable, Sendable {
    public enum Encryption: UInt32, Sendable { case none, aes, luks }

    /// In bytes.
    public let virtualSize: Int64
    public let encryption: Encryption
    /// As the header writes it: a path, or anything QEMU would open.
    public let backingFile: String?
    public let backingFormat: String?
    /// Whether the guest's data is in another file.
    public let hasExternalData: Bool
    public let dataFile: String?
    /// QEMU was not ended in an orderly way; it rebuilds the reference counts.
    public let isDirty: Bool
    /// QEMU found damage; it refuses to write.
    public let isCorrupt: Bool
    public let bitmapCount: Int
    /// Whether the persistent bitmaps were kept up to date by the last writer.
    public let bitmapsAreValid: Bool
    /// Incompatible features beyond those of QEMU 10.0: their names, or `bit N`.
    public let unknownFeatures: [String]

    static let magic: [UInt8] = [0x51, 0x46, 0x49, 0xFB]

    /// QEMU's own bounds (block/qcow2.h): clusters, bytes of the L1 table and of the reference count table.
    private static let clusterBits: ClosedRange<UInt32> = 9...21
    private static let longestL1: UInt64 = 32 << 20
    private static let longestRefcountTable: UInt64 = 8 << 20

    /// - Parameter head: the first 64 KiB, or the whole of a shorter file.
    init(_ head: [UInt8], _ window: ImageWindow) throws(DiskHeader.Problem) {
        let fixed = try Qcow2Fields(HeaderBytes(bytes: head))
        guard Self.clusterBits.contains(fixed.clusterBits) else {
            throw .corrupt("clusters of 2^\(fixed.clusterBits) bytes")
        }
        let clusterSize = fixed.clusterSize
        guard let virtualSize = Int64(exactly: fixed.size) else { throw .corrupt("size of \(fixed.size) bytes") }
        self.virtualSize = virtualSize
        guard let encryption = Encryption(rawValue: fixed.encryption) else {
            throw .corrupt("encryption method \(fixed.encryption)")
        }
        self.encryption = encryption
        isDirty = fixed.has(.dirty)
        isCorrupt = fixed.has(.corrupt)
        hasExternalData = fixed.has(.externalData)
        if fixed.has(.rawData), !hasExternalData { throw .corrupt("raw data file that the image does not have") }
        // 0 is zlib, and needs no feature bit; 1 is zstd.
        guard fixed.compression <= 1, fixed.has(.compression) == (fixed.compression != 0) else {
            throw .corrupt("compression type \(fixed.compression)")
        }

        guard fixed.headerLength <= clusterSize, fixed.headerLength % 8 == 0 else {
            throw .corrupt("header of \(fixed.headerLength) bytes")
        }
        guard fixed.backingOffset <= clusterSize else {
            throw .corrupt("backing file name at \(fixed.backingOffset)")
        }
        let extensions = try Qcow2Extensions(head, fixed, fileSize: window.size)
        backingFormat = extensions.backingFormat
        dataFile = fixed.has(.externalData) ? extensions.dataFile : nil
        bitmapCount = extensions.bitmapCount
        bitmapsAreValid = fixed.has(.bitmaps)
        unknownFeatures = fixed.unknownBits.map { extensions.featureNames[$0] ?? "bit \($0)" }
        backingFile = try Self.backingFile(fixed, window, clusterSize)
        // A newer format may keep its tables elsewhere.
        guard unknownFeatures.isEmpty else { return }
        try Self.checkTables(fixed, window, clusterSize)
        let snapshots = try Qcow2Snapshots(fixed, window)
        try extensions.bitmaps?.check(fixed, window, apartFrom: fixed.areas + snapshots.areas)
    }

    private static func backingFile(
        _ fixed: Qcow2Fields, _ window: ImageWindow, _ clusterSize: UInt64
    ) throws(DiskHeader.Problem) -> String? {
        guard fixed.backingOffset != 0, fixed.backingLength != 0 else { return nil }
        guard fixed.backingLength <= min(1023, clusterSize - fixed.backingOffset) else {
            throw .corrupt("backing file name of \(fixed.backingLength) bytes at \(fixed.backingOffset)")
        }
        let name = try window.prefix(at: fixed.backingOffset, Int(fixed.backingLength))
        guard name.count == Int(fixed.backingLength) else { throw .truncated("the backing file name") }
        guard let text = HeaderBytes.text(name[...]) else { throw .corrupt("backing file name that is no UTF-8 text") }
        return text
    }

    private static func checkTables(
        _ fixed: Qcow2Fields, _ window: ImageWindow, _ clusterSize: UInt64
    ) throws(DiskHeader.Problem) {
        let refcountBytes = UInt64(fixed.refcountTableClusters) * clusterSize
        guard fixed.refcountOrder <= 6 else { throw .corrupt("reference counts of 2^\(fixed.refcountOrder) bits") }
        // Thirty-two subclusters of a sector at the least.
        guard !fixed.has(.extendedL2) || fixed.clusterBits >= 14 else {
            throw .corrupt("subclusters in clusters of 2^\(fixed.clusterBits) bytes")
        }
        guard fixed.refcountTableClusters > 0, refcountBytes <= longestRefcountTable,
            fixed.refcountTable % clusterSize == 0, fixed.refcountTable > 0
        else { throw .corrupt("reference count table of \(refcountBytes) bytes at \(fixed.refcountTable)") }
        guard window.holds(fixed.refcountTable, refcountBytes, clusterSize: clusterSize) else {
            throw .truncated("the reference count table")
        }

        // An L2 table is one cluster of 8 or 16 bytes for each cluster it maps.
        let entry: UInt64 = fixed.has(.extendedL2) ? 16 : 8
        let mapped = clusterSize / entry * clusterSize
        let needed = fixed.size / mapped + (fixed.size % mapped == 0 ? 0 : 1)
        let l1Bytes = UInt64(fixed.l1Size) * 8
        guard l1Bytes <= longestL1, fixed.l1Table % clusterSize == 0, UInt64(fixed.l1Size) >= needed,
            fixed.l1Table <= UInt64(Int64.max) - longestL1
        else {
            throw .corrupt("L1 table of \(fixed.l1Size) entries at \(fixed.l1Table) for \(fixed.size) bytes")
        }
        if l1Bytes > 0 {
            guard window.holds(fixed.l1Table, l1Bytes, clusterSize: clusterSize) else {
                throw .truncated("the L1 table")
            }
            try checkL1(fixed, window, clusterSize)
        }
    }

    /// A download that broke off has its header and L1 table in place; the L2 tables tell. The first 8192 are looked at:
    /// 4 TiB with clusters of 64 KiB.
    private static func checkL1(
        _ fixed: Qcow2Fields, _ window: ImageWindow, _ clusterSize: UInt64
    ) throws(DiskHeader.Problem) {
        let table = HeaderBytes(bytes: try window.prefix(at: fixed.l1Table, Int(fixed.l1Size) * 8))
        for index in 0..<(table.bytes.count / 8) {
            let offset = (table.uint64(index * 8) ?? 0) & 0x00FF_FFFF_FFFF_FE00
            if offset == 0 { continue }
            guard offset % clusterSize == 0 else { throw .corrupt("L2 table at \(offset)") }
            guard window.holds(offset, clusterSize, clusterSize: clusterSize) else {
                throw .truncated("an L2 table at \(offset)")
            }
        }
    }
}
