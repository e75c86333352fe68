extension JSONValue {
    public static let null = JSONValue(.null)

    public static func string(_ text: String) -> JSONValue { JSONValue(.string(Array(text.utf8))) }

    public static func boolean(_ value: Bool) -> JSONValue { JSONValue(.boolean(value)) }

    public static func integer(_ value: some BinaryInteger) -> JSONValue { JSONValue(.number(String(value))) }

    /// JSON has no numbers but finite ones: null stands for the others.
    public static func double(_ value: Double) -> JSONValue {
        guard value.isFinite else { return .null }
        let digits = value.description
        return JSONValue(.number(digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits))
    }

    public static func array(_ elements: [JSONValue]) -> JSONValue { JSONValue(.array(elements)) }

    public static func strings(_ texts: [String]) -> JSONValue { .array(texts.map(string)) }

    /// Members in their order; those without a value are left out.
    public static func object(_ members: [(name: String, value: JSONValue?)]) -> JSONValue {
        JSONValue(
            .object(members.compactMap { name, value in value.map { Member(name: Array(name.utf8), value: $0) } }))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
}

extension JSONValue: ExpressibleByArrayLiteral {
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
}

/// Members keep their order; one whose value is nil is left out.
extension JSONValue: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral members: (String, JSONValue?)...) {
        self = .object(members.map { (name: $0, value: $1) })
    }
}
