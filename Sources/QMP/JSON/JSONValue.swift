/// A JSON value as a client sent it: decoded for those who look into it, with its place in the text for those who pass it on.
struct JSONValue: Equatable, Sendable {
    struct Member: Equatable, Sendable {
        /// Decoded UTF-8. Bytes, because Swift takes different code points for the same text (the Kelvin sign for a K).
        let name: [UInt8]
        let value: JSONValue
    }

    enum Content: Equatable, Sendable {
        case object([Member])
        case array([JSONValue])
        /// Decoded UTF-8.
        case string([UInt8])
        case number
        case boolean(Bool)
        case null
    }

    let content: Content
    let place: Range<Int>

    var members: [Member]? {
        if case .object(let members) = content { members } else { nil }
    }

    var elements: [JSONValue]? {
        if case .array(let elements) = content { elements } else { nil }
    }

    var string: [UInt8]? {
        if case .string(let bytes) = content { bytes } else { nil }
    }

    /// A string of visible ASCII, which is what names in QMP consist of.
    var name: String? {
        string?.asName
    }

    subscript(name: String) -> JSONValue? {
        members?.first { $0.name.elementsEqual(name.utf8) }?.value
    }
}

extension [UInt8] {
    var asName: String? {
        allSatisfy { 0x21...0x7e ~= $0 } ? String(decoding: self, as: UTF8.self) : nil
    }
}

/// Why a text is refused, in QEMU's words where it has some.
struct JSONProblem: Error, Equatable {
    let desc: String
}
