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
        if used % ISOBytes.sector + length > ISOBytes.sector { content.fill(toSector: sectors(used)) }
        let part = Part(offset: content.bytes.count, length: length)
        for entry in entries { entry.encode(into: &content) }
        return part
    }
}

/// The system use area of a record: what is in it and what is in the continuation area.
struct SystemUseArea {
    let entries: [SystemUseEntry]
    let continuation: ContinuationArea.Part?

    static let none = SystemUseArea(entries: [], continuation: nil)

    private init(entries: [SystemUseEntry], continuation: ContinuationArea.Part?) {
        self.entries = entries
        self.continuation = continuation
    }

    /// - Parameter room: what the record has left, in bytes.
    init(_ all: [SystemUseEntry], room: Int, _ area: inout ContinuationArea) {
        guard all.reduce(0, { $0 + $1.length }) > room else {
            self.init(entries: all, continuation: nil)
            return
        }
        var left = room - SystemUseEntry.continuationLength
        let here = all.prefix { entry in
            left -= entry.length
            return left >= 0
        }
        self.init(entries: Array(here), continuation: area.add(Array(all.dropFirst(here.count))))
    }

    /// In bytes.
    var length: Int {
        entries.reduce(continuation == nil ? 0 : SystemUseEntry.continuationLength) { $0 + $1.length }
    }

    /// - Parameter area: the sector where the continuation area begins.
    func encoded(continuationAt area: Int) -> [UInt8] {
        var bytes = ISOBytes(capacity: length)
        for entry in entries { entry.encode(into: &bytes) }
        if let continuation {
            let (sector, offset) = continuation.offset.quotientAndRemainder(dividingBy: ISOBytes.sector)
            SystemUseEntry.continuation(sector: area + sector, offset: offset, length: continuation.length)
                .encode(into: &bytes)
        }
        return bytes.bytes
    }
}
