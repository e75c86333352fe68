/// Whose backups a folder has: the first one gives the guest a number, which every manifest carries.
public struct GuestID: Hashable, Sendable {
    /// 32 hexadecimal digits.
    public let text: String

    /// Nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 32, text.isLowercaseHexadecimal else { return nil }
        self.text = text
    }

    public static func random() -> GuestID {
        var generator = SystemRandomNumberGenerator()
        return GuestID(random: generator.next(), generator.next())
    }

    private init(random high: UInt64, _ low: UInt64) {
        text = [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension String {
    var isLowercaseHexadecimal: Bool { utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 } }
}
