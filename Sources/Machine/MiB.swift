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
