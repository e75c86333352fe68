/// A qcow2 image made by hand: an empty disk of 1 GiB, with whatever a test wants to be wrong.
struct Qcow2Image {
    var version: UInt32 = 3
    var clusterBits: UInt32 = 16
    var size: UInt64 = 1 << 30
    var encryption: UInt32 = 0
    var l1Size: UInt32 = 2
    var l1Table: UInt64 = 0x30000
    var refcountTable: UInt64 = 0x10000
    var refcountClusters: UInt32 = 1
    var snapshots: UInt32 = 0
    var snapshotTable: UInt64 = 0
    var incompatible: UInt64 = 0
    var autoclear: UInt64 = 0
    var headerLength: UInt32 = 112
    var compression: UInt8 = 0
    var extensions: [(UInt32, [UInt8])] = []
    var backingFile = ""
    var firstL2: UInt64 = 0
    var fileSize = 0x30010
    /// What lies where, beyond the header.
    var tables: [(offset: Int, bytes: [UInt8])] = []

    /// Clusters of 4 KiB, and a disk of 1 MiB.
    mutating func makeSmall() {
        (clusterBits, size, l1Size) = (12, 1 << 20, 1)
    }

    /// - Parameter extras: for each snapshot how many bytes it has that are not in every entry.
    mutating func addSnapshots(_ extras: [UInt32]) {
        (snapshots, snapshotTable) = (UInt32(extras.count), 0x40000)
        var table: [UInt8] = []
        for extra in extras {
            table += [UInt8](repeating: 0, count: (8 - table.count % 8) % 8)
            table += big(UInt64(0x50000)) + big(UInt32(2)) + big(UInt16(1)) + big(UInt16(5)) + big(UInt64(0))
            table += big(UInt64(0)) + big(UInt32(0)) + big(extra)
            table += [UInt8](repeating: 0, count: Int(min(extra, 1024))) + Array("1first".utf8)
        }
        tables.append((0x40000, table))
        fileSize = 0x60000
    }

    /// One bitmap, as QEMU writes it when nothing is changed.
    mutating func addBitmaps(
        count: UInt32 = 1, reserved: UInt32 = 0, at offset: UInt64 = 0x40000, size: UInt64? = nil,
        granularity: UInt8 = 16, tableSize: UInt32 = 1, name: [UInt8] = Array("one".utf8), tableEntry: UInt64 = 1
    ) {
        var directory = big(UInt64(0x50000)) + big(tableSize) + big(UInt32(0)) + [1, granularity]
        directory += big(UInt16(name.count)) + big(UInt32(0)) + name
        directory += [UInt8](repeating: 0, count: (8 - directory.count % 8) % 8)
        let fields = big(count) + big(reserved) + big(size ?? UInt64(directory.count)) + big(offset)
        extensions.append((0x2385_2875, fields))
        autoclear |= 1
        tables += [(0x40000, directory), (0x50000, big(tableEntry))]
        fileSize = 0x60000
    }

    var bytes: [UInt8] {
        var area: [UInt8] = []
        for (kind, data) in extensions {
            area += big(kind) + big(UInt32(data.count)) + data
            area += [UInt8](repeating: 0, count: (8 - data.count % 8) % 8)
        }
        area += [UInt8](repeating: 0, count: 8)
        let length = version == 2 ? 72 : Int(headerLength)
        let backing = backingFile.isEmpty ? 0 : UInt64(length + area.count)
        var bytes: [UInt8] = [0x51, 0x46, 0x49, 0xFB]
        bytes += big(version) + big(backing) + big(UInt32(backingFile.utf8.count)) + big(clusterBits) + big(size)
        bytes += big(encryption) + big(l1Size) + big(l1Table) + big(refcountTable) + big(refcountClusters)
        bytes += big(snapshots) + big(snapshotTable)
        if version > 2 {
            bytes += big(incompatible) + big(UInt64(0)) + big(autoclear) + big(UInt32(4)) + big(headerLength)
            bytes += [compression] + [UInt8](repeating: 0, count: max(0, length - 105))
        }
        bytes += area + Array(backingFile.utf8)
        bytes += [UInt8](repeating: 0, count: max(0, fileSize - bytes.count))
        bytes.removeSubrange(min(fileSize, bytes.count)...)
        if firstL2 != 0, bytes.count >= Int(l1Table) + 8 {
            bytes.replaceSubrange(Int(l1Table)..<(Int(l1Table) + 8), with: big(firstL2))
        }
        for (offset, table) in tables { bytes.replaceSubrange(offset..<(offset + table.count), with: table) }
        return bytes
    }

    static func with(_ change: (inout Qcow2Image) -> Void) -> Qcow2Image {
        var image = Qcow2Image()
        change(&image)
        return image
    }
}

private func big(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
}
