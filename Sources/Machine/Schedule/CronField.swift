import Basics

/// One of cron's five fields: which numbers it takes.
struct CronField: Equatable, Sendable {
    enum Kind { case minute, hour, day, month, weekday }

    struct Problem: Error {
        let text: String
    }

    private var numbers: UInt64 = 0
    /// It does not begin with `*`, which is what cron goes by.
    let isRestricted: Bool

    init(_ text: Substring, _ kind: Kind) throws(Problem) {
        isRestricted = text.utf8.first != UInt8(ascii: "*")
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            let range = try Self.range(halves[0], kind)
            var step = 1
            if halves.count > 1 {
                guard halves.count == 2, let number = Int(decimal: halves[1]), (1...59).contains(number),
                    halves[0] == "*" || halves[0].utf8.contains(UInt8(ascii: "-"))
                else { throw Problem(text: "write a step as */5 or 10-40/10") }
                step = number
            }
            for number in stride(from: range.lowerBound, through: range.upperBound, by: step) {
                // Sunday is 0 and 7.
                numbers |= 1 << UInt64(kind == .weekday ? number % 7 : number)
            }
        }
    }

    func has(_ number: Int) -> Bool { numbers >> UInt64(number) & 1 == 1 }

    private static func range(_ text: Substring, _ kind: Kind) throws(Problem) -> ClosedRange<Int> {
        if text == "*" { return kind.bounds }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        let first = try number(ends[0], kind)
        guard ends.count == 2 else {
            guard ends.count == 1 else { throw Problem(text: "a range has two ends") }
            return first...first
        }
        var last = try number(ends[1], kind)
        if kind == .weekday, last == 0 { last = 7 }
        guard first <= last else { throw Problem(text: "a range begins with the lower end") }
        return first...last
    }

    private static func number(_ text: Substring, _ kind: Kind) throws(Problem) -> Int {
        if let place = kind.names.firstIndex(of: String(text)) { return place + kind.bounds.lowerBound }
        guard let number = Int(decimal: text), kind.bounds.contains(number) else {
            let names = kind.names.isEmpty ? "" : ", or \(kind.names[0]) to \(kind.names[kind.names.count - 1])"
            throw Problem(text: "write \(kind.bounds.lowerBound) to \(kind.bounds.upperBound)\(names)")
        }
        return number
    }
}

extension CronField.Kind {
    var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of the month"
        case .month: "month"
        case .weekday: "day of the week"
        }
    }

    var bounds: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        }
    }

    /// From the lower bound on.
    var names: [String] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        default: []
        }
    }
}
