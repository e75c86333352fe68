/// The directories of a hierarchy in a table (ECMA-119 §6.9).
struct PathTable {
    let records: [PathTableRecord]

    enum ByteOrder {
        /// The table of type L.
        case little
        /// The table of type M.
        case big
    }

    /// In bytes.
    var length: Int { records.reduce(0) { $0 + $1.length } }

    func encode(_ order: ByteOrder, into bytes: inout ISOBytes) {
        for record in records { record.encode(order, into: &bytes) }
    }
}

/// One directory (ECMA-119 §9.4).
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
