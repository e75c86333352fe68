/// A date as the structures of an image write it, in UTC.
struct ISODate: Equatable {
    let year: Int
    let month: UInt8
    let day: UInt8

    /// Of everything in an image: the same credentials give the same bytes.
    static let constant = ISODate(year: 2000, month: 1, day: 1)

    /// Seven bytes (ECMA-119 §9.1.5).
    func encodeRecording(into bytes: inout ISOBytes) {
        bytes.raw([UInt8(truncatingIfNeeded: year - 1900), month, day, 0, 0, 0, 0])
    }

    /// Seventeen bytes: digits to hundredths of a second, then the offset from UTC (ECMA-119 §8.4.26.1).
    func encodeDigits(into bytes: inout ISOBytes) {
        for (value, width) in [(year, 4), (Int(month), 2), (Int(day), 2), (0, 8)] {
            let digits = String(value)
            bytes.ascii(String(repeating: "0", count: max(0, width - digits.count)) + digits)
        }
        bytes.uint8(0)
    }

    /// No date (ECMA-119 §8.4.26.1).
    static func encodeNone(into bytes: inout ISOBytes) {
        bytes.ascii(String(repeating: "0", count: 16))
        bytes.uint8(0)
    }
}
