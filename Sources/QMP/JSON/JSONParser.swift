/// Reads JSON as strictly as QEMU does (RFC 8259; QEMU's qobject/json-lexer.c and json-parser.c), or more so: QEMU
/// answers what it cannot parse without an id, so nothing of that kind may be passed on to it.
public struct JSONParser {
    /// QEMU's MAX_NESTING.
    public static let maximumDepth = 1024
    /// Less than QEMU's MAX_TOKEN_COUNT, and more than any command has.
    public static let maximumTokens = 256 << 10

    let bytes: UnsafeRawBufferPointer
    var position = 0
    private var tokensLeft: Int

    /// Parses one value with nothing but white space around it.
    ///
    /// - Parameter maximumTokens: bounds what a stranger's text makes us keep.
    public static func parse(
        _ text: [UInt8], maximumTokens: Int = JSONParser.maximumTokens
    ) throws(JSONProblem) -> JSONValue {
        let result = text.withUnsafeBytes { bytes -> Result<JSONValue, JSONProblem> in
            var parser = JSONParser(bytes: bytes, tokensLeft: maximumTokens)
            do throws(JSONProblem) {
                return .success(try parser.wholeText())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private init(bytes: UnsafeRawBufferPointer, tokensLeft: Int) {
        self.bytes = bytes
        self.tokensLeft = tokensLeft
    }

    static func problem(_ text: String) -> JSONProblem {
        JSONProblem(desc: "JSON parse error, \(text)")
    }

    private mutating func wholeText() throws(JSONProblem) -> JSONValue {
        let value = try value(depth: 0)
        guard next() == nil else { throw Self.problem("expecting end of input") }
        return value
    }

    /// The next byte that is not white space; `position` is at it.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        position += 1
        return true
    }

    private mutating func countToken() throws(JSONProblem) {
        tokensLeft -= 1
        if tokensLeft < 0 { throw JSONProblem(desc: "JSON token count limit exceeded") }
    }

    private mutating func value(depth: Int) throws(JSONProblem) -> JSONValue {
        try countToken()
        guard let first = next() else { throw Self.problem("expecting value") }
        let start = position
        let content: JSONValue.Content
        switch first {
        case UInt8(ascii: "{"):
            content = .object(try members(depth: depth + 1))
        case UInt8(ascii: "["):
            content = .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""):
            content = .string(try string())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try number()
            content = .number(String(decoding: bytes[start..<position], as: UTF8.self))
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
            content = try keyword()
        default:
            throw Self.problem("expecting value")
        }
        return JSONValue(content, place: start..<position)
    }

    private mutating func members(depth: Int) throws(JSONProblem) -> [JSONValue.Member] {
        try enter(depth)
        if take(UInt8(ascii: "}")) { return [] }
        var members: [JSONValue.Member] = []
        repeat {
            guard next() == UInt8(ascii: "\"") else { throw Self.problem("key is not a string in object") }
            try countToken()
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw Self.problem("missing : in object pair") }
            members.append(JSONValue.Member(name: name, value: try value(depth: depth)))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw Self.problem("expected separator in dict") }
        guard Self.areDistinct(members) else { throw Self.problem("duplicate key") }
        return members
    }

    /// A set costs more than it saves where there are few.
    private static func areDistinct(_ members: [JSONValue.Member]) -> Bool {
        if members.count > 8 { return Set(members.map(\.name)).count == members.count }
        return members.indices.allSatisfy { index in
            !members[..<index].contains { $0.name == members[index].name }
        }
    }

    private mutating func elements(depth: Int) throws(JSONProblem) -> [JSONValue] {
        try enter(depth)
        if take(UInt8(ascii: "]")) { return [] }
        var elements: [JSONValue] = []
        repeat {
            elements.append(try value(depth: depth))
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw Self.problem("expected separator in list") }
        return elements
    }

    private mutating func enter(_ depth: Int) throws(JSONProblem) {
        guard depth <= Self.maximumDepth else { throw JSONProblem(desc: "JSON nesting depth limit exceeded") }
        position += 1
    }

    private mutating func keyword() throws(JSONProblem) -> JSONValue.Content {
        let start = position
        while position < bytes.count, bytes[position].isLetterOrDigit { position += 1 }
        switch String(decoding: bytes[start..<position].prefix(20), as: UTF8.self) {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "null": return .null
        case let word: throw Self.problem("invalid keyword '\(word)'")
        }
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[position] { position += 1 }
        return position - start
    }

    private mutating func number() throws(JSONProblem) {
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let leadingZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
        let integerDigits = digits()
        var isNumber = integerDigits == 1 || integerDigits > 1 && !leadingZero
        if isNumber, position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            isNumber = digits() > 0
        }
        if isNumber, position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            isNumber = digits() > 0
        }
        guard isNumber, position == bytes.count || !bytes[position].isLetterOrDigit else {
            throw Self.problem("invalid number")
        }
    }
}
