/// Which ids of this user namespace stand for which outside (user_namespaces(7), `/proc/self/uid_map`).
public struct IDMap: Equatable, Sendable {
    struct Range: Equatable, Sendable {
        let inside: UInt32
        let outside: UInt32
        let count: UInt32
    }

    private let ranges: [Range]

    /// Of the namespace that every machine starts with: each id stands for itself.
    public static let identity = IDMap("0 0 4294967295")
    /// What an id that is not mapped looks like in here, unless somebody has changed `kernel.overflowuid`.
    public static let overflow: UInt32 = 65534

    /// - Parameter text: lines of three numbers each; others are left out.
    public init(_ text: String) {
        ranges = text.utf8.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let numbers = line.split(separator: UInt8(ascii: " ")).compactMap { UInt32(Substring($0)) }
            return numbers.count == 3 ? Range(inside: numbers[0], outside: numbers[1], count: numbers[2]) : nil
        }
    }

    /// That of this process. A kernel without user namespaces has no such file.
    static func current(_ path: String) -> IDMap {
        (try? readFile(path, limit: 64 << 10)).map { IDMap(String(decoding: $0, as: UTF8.self)) } ?? .identity
    }

    /// The id outside; nil when there is none.
    public func outside(_ id: UInt32) -> UInt32? {
        ranges.first { id >= $0.inside && id - $0.inside < $0.count }.map { $0.outside + (id - $0.inside) }
    }

    /// Whether a file of this owner most likely belongs to an id that has no number in here.
    public func isUnmapped(_ id: UInt32) -> Bool {
        self != .identity && id == Self.overflow
    }
}
