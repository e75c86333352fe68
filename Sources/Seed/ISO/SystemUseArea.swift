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
