/// Writes values as text (RFC 8259): UTF-8 as it is, of the control characters the short escapes where JSON has some, and
/// no escaped slashes.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    let style: JSONValue.Style

    init(_ style: JSONValue.Style) {
        self.style = style
    }

    mutating func write(_ value: JSONValue, depth: Int = 0) {
        switch value.content {
        case .object(let members):
            open("{", depth)
            for (index, member) in members.enumerated() {
                begin(index, depth)
                member.name.withUnsafeBytes { bytes.append(jsonString: $0) }
                bytes += style == .readable ? " : ".utf8 : ":".utf8
                write(member.value, depth: depth + 1)
            }
            close("}", depth)
        case .array(let elements):
            open("[", depth)
            for (index, element) in elements.enumerated() {
                begin(index, depth)
                write(element, depth: depth + 1)
            }
            close("]", depth)
        case .string(let text): text.withUnsafeBytes { bytes.append(jsonString: $0) }
        case .number(let digits): bytes += digits.utf8
        case .boolean(let value): bytes += value ? "true".utf8 : "false".utf8
        case .null: bytes += "null".utf8
        }
    }

    private mutating func open(_ bracket: Unicode.Scalar, _ depth: Int) {
        bytes.append(UInt8(ascii: bracket))
        if style == .readable { bytes.append(UInt8(ascii: "\n")) }
    }

    private mutating func begin(_ index: Int, _ depth: Int) {
        if index > 0 { bytes += style == .readable ? ",\n".utf8 : ",".utf8 }
        indent(depth + 1)
    }

    private mutating func close(_ bracket: Unicode.Scalar, _ depth: Int) {
        if style == .readable { bytes.append(UInt8(ascii: "\n")) }
        indent(depth)
        bytes.append(UInt8(ascii: bracket))
    }

    private mutating func indent(_ depth: Int) {
        if style == .readable { bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth)) }
    }
}

extension JSONValue {
    public enum Style: Sendable {
        /// On one line, without a blank.
        case compact
        /// A member or an element a line, two blanks for each level; `"name" : value`, and an empty array has an empty
        /// line, for these are the outputs of earlier versions.
        case readable
    }

    /// UTF-8, without a line end.
    public func encoded(_ style: Style = .compact) -> [UInt8] {
        var writer = JSONWriter(style)
        writer.write(self)
        return writer.bytes
    }

    public func encodedText(_ style: Style = .compact) -> String {
        String(decoding: encoded(style), as: UTF8.self)
    }
}

/// For tests and messages.
extension JSONValue: CustomStringConvertible {
    public var description: String { encodedText() }
}
