/// A JSON value: read from a text, with its place there for those who pass it on, or made to be written.
public struct JSONValue: Sendable {
    public struct Member: Hashable, Sendable {
        /// Decoded UTF-8. Bytes, because Swift takes different code points for the same text (the Kelvin sign for a K).
        public let name: [UInt8]
        public let value: JSONValue

        public init(name: [UInt8], value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    public enum Content: Hashable, Sendable {
        case object([Member])
        case array([JSONValue])
        /// Decoded UTF-8.
        case string([UInt8])
        /// As it is written, so that no digit is lost.
        case number(String)
        case boolean(Bool)
        case null
    }

    public let content: Content
    /// In the text that was read; empty for a value made here.
    public let place: Range<Int>

    public init(_ content: Content, place: Range<Int> = 0..<0) {
        self.content = content
        self.place = place
    }

    public var members: [Member]? {
        if case .object(let members) = content { members } else { nil }
    }

    public var elements: [JSONValue]? {
        if case .array(let elements) = content { elements } else { nil }
    }

    public var string: [UInt8]? {
        if case .string(let bytes) = content { bytes } else { nil }
    }

    public var text: String? {
        string.map { String(decoding: $0, as: UTF8.self) }
    }

    public var boolean: Bool? {
        if case .boolean(let value) = content { value } else { nil }
    }

    /// Nil too for a number with a fraction or an exponent, and for one that does not fit.
    public func integer<Integer: FixedWidthInteger>(as type: Integer.Type = Int.self) -> Integer? {
        if case .number(let digits) = content { Integer(digits) } else { nil }
    }

    /// Nil too for a number that is too large.
    public var double: Double? {
        guard case .number(let digits) = content, let value = Double(digits), value.isFinite else { return nil }
        return value
    }

    public var isNull: Bool { content == .null }

    /// A string of visible ASCII, which is what names in QMP consist of.
    public var name: String? {
        string?.asName
    }

    public subscript(name: String) -> JSONValue? {
        members?.first { $0.name.elementsEqual(name.utf8) }?.value
    }
}

/// Where a value stood makes no difference.
extension JSONValue: Hashable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool { left.content == right.content }

    public func hash(into hasher: inout Hasher) { hasher.combine(content) }
}
