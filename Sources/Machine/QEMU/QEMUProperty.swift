import FoundationEssentials

/// A value of the JSON that `-blockdev`, `-device` and `-netdev` take; properties have QEMU's own names.
///
/// One type for all options: what JSONEncoder costs at a start is the metadata of each type it meets.
indirect enum QEMUProperty: Encodable {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case list([QEMUProperty])
    case object([String: QEMUProperty])

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .string(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .object(let properties): try container.encode(properties)
        }
    }

    /// As one argument, keys in alphabetical order.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings, integers and booleans cannot fail to encode; QEMU refuses an empty argument.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}

extension QEMUProperty: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(integerLiteral value: Int) { self = .integer(value) }
}
