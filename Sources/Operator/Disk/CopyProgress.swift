import Basics
import Linux

/// What qemu-img says of its progress (`    (12.34/100%)`, each over the one before), as often as a log is to have it.
struct CopyProgress {
    private static let pause: Duration = .seconds(5)
    /// Longer than what it says at a time.
    private static let longest = 64

    private var due: Instant
    /// The end of what has come.
    private var last: [UInt8] = []

    init(from start: Instant) {
        due = start + Self.pause
    }

    /// - Returns: per cent, when it is time to tell.
    mutating func take(_ bytes: ArraySlice<UInt8>, at now: Instant) -> Int? {
        last = Array((last + bytes).suffix(Self.longest))
        guard now >= due, let end = last.lastIndex(of: UInt8(ascii: "/")),
            let start = last[..<end].lastIndex(of: UInt8(ascii: "("))
        else { return nil }
        let digits = last[(start + 1)..<end].prefix { $0 != UInt8(ascii: ".") }
        guard let percent = Int(decimal: String(decoding: digits, as: UTF8.self)) else { return nil }
        due = now + Self.pause
        return percent
    }
}
