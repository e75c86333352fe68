/// One entry of a directory (ECMA-119 §9.1).
struct DirectoryRecord {
    /// The identifiers of a directory itself and of its parent (§7.6.2).
    static let selfIdentifier: [UInt8] = [0]
    static let parentIdentifier: [UInt8] = [1]

    /// The most that the length field can say, and even (§9.1.1).
    static let longest = 254

    let identifier: [UInt8]
    let extent: Extent
    let isDirectory: Bool
    var date = ISODate.constant
    /// What SUSP keeps after the identifier; empty in Joliet.
    let systemUse: [UInt8]

    /// Of a record without its system use area, in bytes.
    static func length(identifier: [UInt8]) -> Int {
        // The identifier is padded so that what follows begins at an even offset (§9.1.12).
        33 + identifier.count + (identifier.count + 1) % 2
    }

    /// In bytes, always even.
    static func length(identifier: [UInt8], systemUse: Int) -> Int {
        let length = length(identifier: identifier) + systemUse
        return length + length % 2
    }

    func encode(into bytes: inout ISOBytes) {
        let length = Self.length(identifier: identifier, systemUse: systemUse.count)
        bytes.uint8(UInt8(truncatingIfNeeded: length))
        bytes.uint8(0)
        bytes.bothEndian(UInt32(truncatingIfNeeded: extent.sector))
        bytes.bothEndian(UInt32(truncatingIfNeeded: extent.length))
        date.encodeRecording(into: &bytes)
        bytes.uint8(isDirectory ? 2 : 0)
        // Not interleaved (§9.1.7, §9.1.8); the first volume of the set.
        bytes.zeros(2)
        bytes.bothEndian(UInt16(1))
        bytes.uint8(UInt8(truncatingIfNeeded: identifier.count))
        bytes.raw(identifier)
        bytes.zeros((identifier.count + 1) % 2)
        bytes.raw(systemUse)
        bytes.zeros(systemUse.count % 2)
    }
}
