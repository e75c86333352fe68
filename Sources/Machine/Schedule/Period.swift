import Basics

/// A whole number of minutes, hours, days or weeks.
public struct Period: Equatable, Sendable {
    public let seconds: Int

    public init(seconds: Int) {
        self.seconds = seconds
    }

    private static let units: [(letter: Unicode.Scalar, seconds: Int)] = [
        ("w", 604_800), ("d", 86_400), ("h", 3600), ("m", 60),
    ]
    /// Ten years.
    private static let longest = 3650 * 86_400

    /// Nil when it is none, or longer than ten years.
    init?(_ text: some StringProtocol) {
        guard let letter = text.unicodeScalars.last, let unit = Self.units.first(where: { $0.letter == letter }),
            let count = Int(decimal: text.dropLast()), count > 0, count <= Self.longest / unit.seconds
        else { return nil }
        seconds = count * unit.seconds
    }

    /// In the largest unit of those that are exact, weeks aside, which few would write.
    public var text: String {
        let unit = Self.units.dropFirst().first { seconds % $0.seconds == 0 } ?? ("m", 60)
        return "\(seconds / unit.seconds)\(unit.letter)"
    }
}
