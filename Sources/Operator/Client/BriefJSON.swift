import JSON

extension JSONValue {
    /// For people, on one line: `a=1 b=[x, y] c={d=2}`; the names in order.
    var brief: String {
        members.map(Self.pairs) ?? inner
    }

    private var inner: String {
        switch content {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let digits): digits
        case .string(let text): String(decoding: text, as: UTF8.self)
        case .array(let values): "[" + values.map(\.inner).joined(separator: ", ") + "]"
        case .object(let members): "{" + Self.pairs(members) + "}"
        }
    }

    private static func pairs(_ members: [Member]) -> String {
        members.map { (name: String(decoding: $0.name, as: UTF8.self), value: $0.value.inner) }
            .sorted { $0.name < $1.name }.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
    }
}
