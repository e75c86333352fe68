/// An amount of memory or disk in units of 1,048,576 bytes.
public struct MiB: Equatable, Hashable, Comparable, Sendable {
    public let count: Int

    public init(_ count: Int) {
        self.count = count
    }

    /// Rounds down.
    public init(bytes: Int64) {
        count = Int(bytes >> 20)
    }

    public var bytes: Int64 { Int64(count) << 20 }

    public static func < (left: MiB, right: MiB) -> Bool { left.count < right.count }
    public static func + (left: MiB, right: MiB) -> MiB { MiB(left.count + right.count) }
}

extension MiB: CustomStringConvertible {
    public var description: String { "\(count) MiB" }
}

extension MiB {
    /// A number of MiB, or a number with a binary suffix K, M, G or T in either case.
    public init(parsing text: String) throws(Rejection) {
        var digits = text.utf8[...]
        let suffix: UInt8
        if let last = digits.last, !last.isDigit {
            digits.removeLast()
            suffix = last | 0x20
        } else {
            suffix = UInt8(ascii: "m")
        }
        guard !digits.isEmpty, digits.allSatisfy(\.isDigit), "kmgt".utf8.contains(suffix) else {
            throw Rejection(text, "is not a size; write MiB or a suffix, such as 4096 or 4G")
        }
        // Leading zeros aside, more digits than Int holds.
        guard let number = Int(Substring(digits)) else {
            throw Rejection(text, "is too large; write MiB or a suffix, such as 4096 or 4G")
        }
        if suffix == UInt8(ascii: "k") {
            guard number % 1024 == 0 else {
                throw Rejection(text, "is not a whole number of MiB; write a multiple of 1024K, or MiB")
            }
            self.init(number / 1024)
            return
        }
        let shift = suffix == UInt8(ascii: "m") ? 0 : suffix == UInt8(ascii: "g") ? 10 : 20
        // Beyond 2^43 MiB the count of bytes no longer fits.
        guard number <= (Int(Int64.max >> 20) >> shift) else {
            throw Rejection(text, "is too large; write MiB or a suffix, such as 4096 or 4G")
        }
        self.init(number << shift)
    }

    /// With the largest suffix that is exact: `512M`, `4G`.
    public var shortText: String {
        guard count > 0 else { return "\(count)M" }
        if count % (1 << 20) == 0 { return "\(count >> 20)T" }
        return count % 1024 == 0 ? "\(count >> 10)G" : "\(count)M"
    }
}
