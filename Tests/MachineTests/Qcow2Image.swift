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
