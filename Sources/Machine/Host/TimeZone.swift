import Basics

/// Whether the C library that QEMU uses will know a zone. It takes an unknown one for UTC, and says nothing.
enum TimeZone {
    private static let folder = "/usr/share/zoneinfo/"
    private static let local = "/etc/localtime"
    /// The largest in the time zone database has under 4 KiB.
    private static let limit = 64 << 10

    /// - Parameters:
    ///   - zone: the value of `TZ`; nil when it is not set.
    ///   - read: a fake in tests.
    static func fault(_ zone: String?, read: SmallFile.Reader = { SmallFile.text($0, limit: limit) }) -> Fault? {
        let rule = "give the zone as a rule, such as TZ=JST-9 or TZ=CET-1CEST,M3.5.0,M10.5.0/3"
        // RFC 9636 §3.1
        func isZone(_ path: String) -> Bool { read(path)?.utf8.starts(with: "TZif".utf8) ?? false }
        guard let zone else {
            if isZone(local) { return nil }
            return Fault(
                .configuration, "QEMU_RTC",
                "localtime needs a zone, but TZ is not set and \(local) is no zone's file; \(rule), or mount the host's"
            )
        }
        if TimeZoneRule.isValid(zone) { return nil }
        let name = zone.utf8.first == UInt8(ascii: ":") ? String(zone.dropFirst()) : zone
        let path = name.utf8.first == UInt8(ascii: "/") ? name : folder + name
        if !name.isEmpty, isZone(path) { return nil }
        return Fault(
            .configuration, "TZ",
            "\(quoted(zone)) is no rule, and \(quoted(path)) is no zone's file; \(rule), "
                + "or mount the host's \(folder.dropLast()) read-only")
    }
}

/// A zone as a rule: `std offset [dst [offset] [,start[/time],end[/time]]]` (POSIX.1-2024 §8.3, RFC 9636 §3.3.1).
struct TimeZoneRule {
    private var rest: Substring.UTF8View

    static func isValid(_ text: String) -> Bool {
        var rule = TimeZoneRule(rest: text[...].utf8)
        return rule.takeAll()
    }

    private mutating func takeAll() -> Bool {
        guard takeName(), takeTime() else { return false }
        if rest.isEmpty { return true }
        guard takeName() else { return false }
        if !rest.isEmpty, rest.first != UInt8(ascii: ",") {
            guard takeTime() else { return false }
        }
        if rest.isEmpty { return true }
        return takeDay() && takeDay() && rest.isEmpty
    }

    private mutating func take(_ character: Character) -> Bool {
        guard let byte = character.asciiValue, rest.first == byte else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Three letters at least, or more kinds of characters in angle brackets.
    private mutating func takeName() -> Bool {
        let isQuoted = take("<")
        let name = rest.prefix { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): isQuoted
            default: false
            }
        }
        rest = rest.dropFirst(name.count)
        return name.count >= 3 && (!isQuoted || take(">"))
    }

    /// `[+|-]hh[:mm[:ss]]`; RFC 9636 allows 167 hours.
    private mutating func takeTime() -> Bool {
        if !take("+") { _ = take("-") }
        guard takeNumber(0...167) else { return false }
        for _ in 0..<2 where take(":") {
            guard takeNumber(0...59) else { return false }
        }
        return true
    }

    /// `,Mm.w.d`, `,Jn` or `,n`, and when.
    private mutating func takeDay() -> Bool {
        guard take(",") else { return false }
        let isDay: Bool
        if take("M") {
            isDay = takeNumber(1...12) && take(".") && takeNumber(1...5) && take(".") && takeNumber(0...6)
        } else if take("J") {
            isDay = takeNumber(1...365)
        } else {
            isDay = takeNumber(0...365)
        }
        return isDay && (!take("/") || takeTime())
    }

    private mutating func takeNumber(_ range: ClosedRange<Int>) -> Bool {
        let digits = rest.prefix { $0.isDigit }
        rest = rest.dropFirst(digits.count)
        guard digits.count <= 3, let number = Int(Substring(digits)) else { return false }
        return range.contains(number)
    }
}
