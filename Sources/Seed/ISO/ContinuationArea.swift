/// The system use entries for which directory records have no room (SUSP 1.10 §5.1).
struct ContinuationArea {
    /// A part of it, that of one record.
    struct Part: Equatable {
        /// From the start of the area, in bytes.
        let offset: Int
        let length: Int
    }

    private(set) var content = ISOBytes()

    /// Appends what one record has left over. No part crosses a sector: Linux reads one block for each.
    mutating func add(_ entries: [SystemUseEntry]) -> Part {
        let length = entries.reduce(0) { $0 + $1.length }
        let used = content.bytes.count
        if used % ISOBytes.sector + length > ISOBytes.sector { content.fill(toSector: ISOBytes.sectors(used)) }
        let part = Part(offset: content.bytes.count, length: length)
        for entry in entries { entry.encode(into: &content) }
        return part
    }
}
