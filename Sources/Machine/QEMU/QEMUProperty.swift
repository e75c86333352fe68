import Basics
import JSON

/// A value of the JSON that `-blockdev`, `-device` and `-netdev` take; properties have QEMU's own names.
indirect enum QEMUProperty {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case list([QEMUProperty])
    case object([String: QEMUProperty])
    case null

    /// As one argument, keys in alphabetical order.
    var json: String { jsonValue.encodedText() }

    /// A scalar in the syntax without JSON.
    var text: String {
        switch self {
        case .string(let value): value.replacing(every: ",", by: ",,")
        case .integer(let value): "\(value)"
        case .boolean(let value): value ? "on" : "off"
        case .list, .object, .null: json
        }
    }

    private var jsonValue: JSONValue {
        switch self {
        case .string(let value): .string(value)
        case .integer(let value): .integer(value)
        case .boolean(let value): .boolean(value)
        case .list(let values): .array(values.map(\.jsonValue))
        case .null: .null
        case .object(let properties):
            .object(properties.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value.jsonValue) })
        }
    }
}

extension QEMUProperty: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
}
