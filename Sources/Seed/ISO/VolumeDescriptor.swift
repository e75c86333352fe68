/// The primary volume descriptor (ECMA-119 §8.4) and Joliet's supplementary one (§8.5), which differ in their text.
struct VolumeDescriptor {
    enum Kind {
        case primary, joliet
    }

    let kind: Kind
    /// Sixteen characters at the most.
    let label: String
    /// Of the volume, in sectors.
    let volumeSectors: Int
    /// In bytes.
    let pathTableLength: Int
    /// The sectors of the two path tables.
    let littleEndianTable: Int
    let bigEndianTable: Int
    let root: Extent

    /// UCS-2 level 3 (ISO/IEC 2022).
    private static let jolietEscape: [UInt8] = [0x25, 0x2F, 0x45]
    private static let application = "DROVER"

    func encode(into bytes: inout ISOBytes) {
        let start = bytes.bytes.count
        bytes.uint8(kind == .primary ? 1 : 2)
        Self.encodeStandardIdentifier(into: &bytes)
        bytes.zeros(1)
        text("", 32, into: &bytes)
        text(label, 32, into: &bytes)
        bytes.zeros(8)
        bytes.bothEndian(UInt32(truncatingIfNeeded: volumeSectors))
        let escape = kind == .primary ? [] : Self.jolietEscape
        bytes.raw(escape)
        bytes.zeros(32 - escape.count)
        // One volume, the first of its set.
        bytes.bothEndian(UInt16(1))
        bytes.bothEndian(UInt16(1))
        bytes.bothEndian(UInt16(truncatingIfNeeded: ISOBytes.sector))
        bytes.bothEndian(UInt32(truncatingIfNeeded: pathTableLength))
        // No second copies of the path tables.
        bytes.littleEndian(UInt32(truncatingIfNeeded: littleEndianTable))
        bytes.zeros(4)
        bytes.bigEndian(UInt32(truncatingIfNeeded: bigEndianTable))
        bytes.zeros(4)
        DirectoryRecord(
            identifier: DirectoryRecord.selfIdentifier, extent: root, isDirectory: true, systemUse: []
        ).encode(into: &bytes)
        // Volume set, publisher, preparer, application; copyright, abstract and bibliographic file.
        for name in ["", "", "", Self.application] { text(name, 128, into: &bytes) }
        for _ in 0..<3 { text("", 37, into: &bytes) }
        // Created and modified; neither an end nor a beginning of its use.
        ISODate.constant.encodeDigits(into: &bytes)
        ISODate.constant.encodeDigits(into: &bytes)
        ISODate.encodeNone(into: &bytes)
        ISODate.encodeNone(into: &bytes)
        bytes.uint8(1)
        bytes.fill(toSector: start / ISOBytes.sector + 1)
    }

    /// Ends the set of descriptors (§8.3).
    static func encodeTerminator(into bytes: inout ISOBytes) {
        let start = bytes.bytes.count
        bytes.uint8(255)
        encodeStandardIdentifier(into: &bytes)
        bytes.fill(toSector: start / ISOBytes.sector + 1)
    }

    /// With the version (§8.1.2, §8.1.3).
    private static func encodeStandardIdentifier(into bytes: inout ISOBytes) {
        bytes.ascii("CD001")
        bytes.uint8(1)
    }

    /// A field of `width` bytes, filled with spaces.
    private func text(_ text: String, _ width: Int, into bytes: inout ISOBytes) {
        let (encoded, space): ([UInt8], [UInt8]) =
            kind == .primary ? (Array(text.utf8), [0x20]) : (ISOBytes.ucs2(text), [0, 0x20])
        bytes.raw(encoded.prefix(width))
        let missing = width - min(encoded.count, width)
        for _ in 0..<(missing / space.count) { bytes.raw(space) }
        bytes.zeros(missing % space.count)
    }
}
