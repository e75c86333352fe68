import Basics

/// How a value is written, read and shown. What `show` gives, `parse` accepts.
struct ValueSyntax<Value: Sendable>: Sendable {
    /// For help, such as `SIZE` or `on|off`.
    let form: String
    /// What is accepted, in words; nil when `form` says it all.
    let range: String?
    let parse: @Sendable (String) throws(Rejection) -> Value
    let show: @Sendable (Value) -> String

    init(
        _ form: String, range: String? = nil,
        parse: @escaping @Sendable (String) throws(Rejection) -> Value,
        show: @escaping @Sendable (Value) -> String
    ) {
        self.form = form
        self.range = range
        self.parse = parse
        self.show = show
    }

    /// The same with a word for "no value": `auto` or `none`.
    func orElse(_ word: String) -> ValueSyntax<Value?> {
        ValueSyntax<Value?>("\(form)|\(word)", range: range) { text throws(Rejection) in
            text.lowercased() == word ? nil : try parse(text)
        } show: { value in
            value.map(show) ?? word
        }
    }
}

extension ValueSyntax where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the cases, in any letter case.
    static var choice: ValueSyntax<Value> {
        let words = Value.allCases.map(\.rawValue)
        return ValueSyntax(words.joined(separator: "|")) { text throws(Rejection) in
            guard let value = Value(rawValue: text.lowercased()) else {
                throw Rejection(text, "is not known; write \(alternatives(words))")
            }
            return value
        } show: {
            $0.rawValue
        }
    }
}

extension ValueSyntax where Value == Bool {
    static var boolean: ValueSyntax<Bool> {
        ValueSyntax("on|off") { text throws(Rejection) in
            switch text.lowercased() {
            case "1", "true", "yes", "on", "enable": return true
            case "0", "false", "no", "off", "disable": return false
            default: throw Rejection(text, "is neither on nor off; write 1, true, yes, on, enable or the opposite")
            }
        } show: {
            $0 ? "on" : "off"
        }
    }
}

extension ValueSyntax where Value == Int {
    static func integer(_ bounds: ClosedRange<Int>, _ unit: String) -> ValueSyntax<Int> {
        let range = "\(bounds.lowerBound) to \(bounds.upperBound) \(unit)"
        return ValueSyntax("NUMBER", range: range) { text throws(Rejection) in
            guard let value = Int(decimal: text) else {
                throw Rejection(text, "is not a whole number; write \(range), digits only")
            }
            guard bounds.contains(value) else { throw Rejection(text, "is out of range; write \(range)") }
            return value
        } show: {
            String($0)
        }
    }
}

extension ValueSyntax where Value == MiB {
    static func size(_ bounds: ClosedRange<MiB>) -> ValueSyntax<MiB> {
        let range = "\(bounds.lowerBound.shortText) to \(bounds.upperBound.shortText)"
        return ValueSyntax("SIZE", range: range) { text throws(Rejection) in
            let value = try MiB(parsing: text)
            guard value >= bounds.lowerBound else {
                throw Rejection(text, "is too small; write at least \(bounds.lowerBound.shortText)")
            }
            guard value <= bounds.upperBound else {
                throw Rejection(text, "is too large; write at most \(bounds.upperBound.shortText)")
            }
            return value
        } show: {
            $0.shortText
        }
    }
}

extension ValueSyntax where Value == String {
    /// An absolute path; at most `limit` bytes.
    static func path(limit: Int = 4095) -> ValueSyntax<String> {
        ValueSyntax("PATH", range: limit < 4095 ? "an absolute path of at most \(limit) bytes" : "an absolute path") {
            text throws(Rejection) in
            try checkPath(text, limit: limit)
            return text
        } show: {
            $0
        }
    }

    static var cpuModel: ValueSyntax<String> {
        ValueSyntax("MODEL", range: "letters, digits and _ . , + = -") { text throws(Rejection) in
            guard text.lowercased() != "help" else {
                throw Rejection(text, "lists the models and starts no guest; write a model, such as qemu64 or max")
            }
            for byte in text.utf8 {
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: continue
                case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "="),
                    UInt8(ascii: "-"):
                    continue
                default:
                    throw Rejection(
                        text, "is not a CPU model; write letters, digits and _ . , + = - only, such as qemu64,+ssse3")
                }
            }
            return text
        } show: {
            $0
        }
    }
}

/// PID 1 has no working directory an owner could count on, so a path must be absolute.
func checkPath(_ path: String, limit: Int = 4095) throws(Rejection) {
    guard path.utf8.first == UInt8(ascii: "/") else {
        throw Rejection(path, "is not an absolute path; start it with /")
    }
    guard path.unicodeScalars.allSatisfy(\.isSafeToShow) else {
        throw Rejection(path, "holds a control character; rename the file")
    }
    guard path.utf8.count <= limit else {
        throw Rejection(path, "is longer than \(limit) bytes; use a shorter path")
    }
}
