/// The bytes of an image, written from front to back.
struct ISOBytes {
    /// Of the medium and of the logical blocks, in bytes (ECMA-119 §6.1.2).
    static let sector = 2048

    private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: in bytes; with the final size nothing is copied on the way.
    init(capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    mutating func uint8(_ value: UInt8) {
        bytes.append(value)
    }

    mutating func raw(_ values: some Collection<UInt8>) {
        bytes.append(contentsOf: values)
    }

    mutating func zeros(_ count: Int) {
        bytes += [UInt8](repeating: 0, count: count)
    }

    /// ECMA-119 §7.2.1 and §7.3.1.
    mutating func littleEndian(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// ECMA-119 §7.2.2 and §7.3.2.
    mutating func bigEndian(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// ECMA-119 §7.2.3 and §7.3.3.
    mutating func bothEndian(_ value: some FixedWidthInteger) {
        littleEndian(value)
        bigEndian(value)
    }

    mutating func ascii(_ text: String) {
        raw(text.utf8)
    }

    /// Zeros up to the start of `sector`.
    mutating func fill(toSector sector: Int) {
        zeros(max(0, sector * Self.sector - bytes.count))
    }

    /// The number of sectors that hold `bytes` bytes.
    static func sectors(_ bytes: Int) -> Int {
        (bytes + sector - 1) / sector
    }

    /// Joliet's text: UCS-2, the high byte first.
    static func ucs2(_ text: String) -> [UInt8] {
        text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }
}
