/// Any JSON value, for data whose shape is QEMU's or the guest's own.
enum AnyJSON: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([AnyJSON])
    case object([String: AnyJSON])
}

extension AnyJSON: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([AnyJSON].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: AnyJSON].self))
        }
    }
}

extension AnyJSON {
    /// For people, on one line: `a=1 b=[x, y] c={d=2}`; the names in order.
    var brief: String {
        switch self {
        case .object(let members): Self.pairs(members)
        default: inner
        }
    }

    private var inner: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .string(let value): value
        case .array(let values): "[" + values.map(\.inner).joined(separator: ", ") + "]"
        case .object(let members): "{" + Self.pairs(members) + "}"
        }
    }

    private static func pairs(_ members: [String: AnyJSON]) -> String {
        members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.inner)" }.joined(separator: " ")
    }
}
