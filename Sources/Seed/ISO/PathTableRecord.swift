/// One directory of a path table (ECMA-119 §9.4).
struct PathTableRecord {
    let identifier: [UInt8]
    let sector: Int
    /// The place of its parent in the table, from 0; the root is its own.
    let parent: Int

    /// In bytes, always even.
    var length: Int { 8 + identifier.count + identifier.count % 2 }

    func encode(_ order: PathTable.ByteOrder, into bytes: inout ISOBytes) {
        let sector = UInt32(truncatingIfNeeded: sector)
        // Counted from 1.
        let parent = UInt16(truncatingIfNeeded: parent + 1)
        bytes.uint8(UInt8(truncatingIfNeeded: identifier.count))
        bytes.uint8(0)
        switch order {
        case .little:
            bytes.littleEndian(sector)
            bytes.littleEndian(parent)
        case .big:
            bytes.bigEndian(sector)
            bytes.bigEndian(parent)
        }
        bytes.raw(identifier)
        bytes.zeros(identifier.count % 2)
    }
}
