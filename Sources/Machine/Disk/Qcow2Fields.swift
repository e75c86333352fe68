/// The fields at fixed places of a qcow2 header, as the file has them; those version 2 lacks have their default.
struct Qcow2Fields {
    enum Incompatible: UInt64, CaseIterable {
        case dirty = 1
        case corrupt = 2
        case externalData = 4
        case compression = 8
        case extendedL2 = 16
    }

    /// A writer that does not know one clears it.
    enum Autoclear: UInt64 {
        case bitmaps = 1
        case rawData = 2
    }

    var version: UInt32 = 0
    var backingOffset: UInt64 = 0
    var backingLength: UInt64 = 0
    var clusterBits: UInt32 = 0
    var size: UInt64 = 0
    var encryption: UInt32 = 0
    var l1Size: UInt32 = 0
    var l1Table: UInt64 = 0
    var refcountTable: UInt64 = 0
    var refcountTableClusters: UInt32 = 0
    var snapshots: UInt32 = 0
    var snapshotTable: UInt64 = 0
    var incompatible: UInt64 = 0
    var autoclear: UInt64 = 0
    var refcountOrder: UInt32 = 4
    var headerLength: UInt64 = 72
    var compression: UInt8 = 0

    init(_ head: HeaderBytes) throws(DiskHeader.Problem) {
        func uint32(_ offset: Int) throws(DiskHeader.Problem) -> UInt32 {
            guard let value = head.uint32(offset) else { throw .truncated("the header") }
            return value
        }
        func uint64(_ offset: Int) throws(DiskHeader.Problem) -> UInt64 {
            guard let value = head.uint64(offset) else { throw .truncated("the header") }
            return value
        }
        version = try uint32(4)
        guard version == 2 || version == 3 else { throw .corrupt("qcow2 version \(version)") }
        backingOffset = try uint64(8)
        backingLength = UInt64(try uint32(16))
        clusterBits = try uint32(20)
        size = try uint64(24)
        encryption = try uint32(32)
        l1Size = try uint32(36)
        l1Table = try uint64(40)
        refcountTable = try uint64(48)
        refcountTableClusters = try uint32(56)
        snapshots = try uint32(60)
        snapshotTable = try uint64(64)
        guard version == 3 else { return }
        incompatible = try uint64(72)
        autoclear = try uint64(88)
        refcountOrder = try uint32(96)
        headerLength = UInt64(try uint32(100))
        guard headerLength >= 104 else { throw .corrupt("header of \(headerLength) bytes") }
        if headerLength > 104 { compression = UInt8(truncatingIfNeeded: try uint64(104) >> 56) }
    }

    /// Where the header and the tables lie whose place and size it has.
    var areas: [Range<UInt64>] {
        [
            0..<clusterSize, l1Table..<(l1Table + UInt64(l1Size) * 8),
            refcountTable..<(refcountTable + UInt64(refcountTableClusters) * clusterSize),
        ]
    }

    var clusterSize: UInt64 { 1 << UInt64(clusterBits) }

    func has(_ feature: Incompatible) -> Bool { incompatible & feature.rawValue != 0 }
    func has(_ feature: Autoclear) -> Bool { autoclear & feature.rawValue != 0 }

    var unknownBits: [Int] {
        let known = Incompatible.allCases.reduce(0) { $0 | $1.rawValue }
        return (0..<64).filter { (incompatible & ~known) >> UInt64($0) & 1 != 0 }
    }
}
