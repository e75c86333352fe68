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
