/// The header extensions between the header and the backing file name: type, length, data padded to 8 bytes.
struct Qcow2Extensions {
    private(set) var backingFormat: String?
    private(set) var dataFile: String?
    /// Nil without bitmaps, or when the last writer knew none: QEMU drops them then.
    private(set) var bitmaps: Qcow2Bitmaps?
    private(set) var bitmapCount = 0
    /// Names of incompatible feature bits, as the image's writer called them.
    private(set) var featureNames: [Int: String] = [:]

    private enum Kind {
        static let end: UInt32 = 0
        static let backingFormat: UInt32 = 0xE279_2ACA
        static let featureNames: UInt32 = 0x6803_F857
        static let encryption: UInt32 = 0x0537_BE77
        static let bitmaps: UInt32 = 0x2385_2875
        static let dataFile: UInt32 = 0x4441_5441
    }

    /// QEMU reads zeros past the end of a file, so a file that ends is an end of extensions too. An area that goes on
    /// beyond `head` is refused instead of left unread: a data file could hide there.
    init(_ head: [UInt8], _ fixed: Qcow2Fields, fileSize: Int64) throws(DiskHeader.Problem) {
        let header = HeaderBytes(bytes: head)
        let areaEnd = fixed.backingOffset == 0 ? fixed.clusterSize : fixed.backingOffset
        guard var offset = Int(exactly: fixed.headerLength), let end = Int(exactly: areaEnd) else {
            throw .corrupt("header length")
        }
        while offset < end {
            guard let kind = header.uint32(offset), let length = header.uint32(offset + 4) else {
                if Int64(head.count) == fileSize { return }
                throw .corrupt("header extensions of more than \(head.count) bytes")
            }
            offset += 8
            guard Int(length) <= end - offset else { throw .corrupt("header extension of \(length) bytes") }
            if kind == Kind.end { return }
            guard let data = header.slice(offset, Int(length)) else {
                throw .corrupt("header extension of \(length) bytes")
            }
            try take(kind, data, fixed)
            offset += (Int(length) + 7) & ~7
        }
    }

    private mutating func take(
        _ kind: UInt32, _ data: ArraySlice<UInt8>, _ fixed: Qcow2Fields
    ) throws(DiskHeader.Problem) {
        switch kind {
        case Kind.backingFormat:
            guard backingFormat == nil, data.count < 16, let text = HeaderBytes.text(data) else {
                throw .corrupt("backing format")
            }
            backingFormat = text
        case Kind.dataFile:
            guard dataFile == nil, data.count < 1024, let text = HeaderBytes.text(data) else {
                throw .corrupt("data file name")
            }
            dataFile = text
        case Kind.bitmaps:
            let fields = HeaderBytes(bytes: Array(data))
            guard data.count == 24, let count = fields.uint32(0) else { throw .corrupt("bitmaps extension") }
            bitmapCount = Int(count)
            if fixed.has(.bitmaps) { bitmaps = try Qcow2Bitmaps(fields, fixed) }
        case Kind.encryption:
            guard fixed.encryption == Qcow2Header.Encryption.luks.rawValue else {
                throw .corrupt("encryption extension without encryption")
            }
        case Kind.featureNames:
            for start in stride(from: data.startIndex, to: data.endIndex - 47, by: 48) where data[start] == 0 {
                let name = data[(start + 2)..<(start + 48)].prefix { $0 != 0 }
                featureNames[Int(data[start + 1])] = HeaderBytes.text(name)
            }
        default:
            // Unknown extensions may be ignored; the header itself says whether the image is encrypted.
            break
        }
    }
}
