import Basics

/// A request line and header fields, taken apart and checked.
struct HTTPHead {
    private let method: ArraySlice<UInt8>
    private let target: ArraySlice<UInt8>
    /// 0 of HTTP/1.0.
    private let minorVersion: UInt8
    private let fields: [(name: String, value: String)]

    /// - Parameter bytes: without the empty line at the end.
    init(_ bytes: [UInt8]) throws(HTTPRefusal) {
        let lines = Self.lines(bytes)
        let words = lines[0].split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        // Two words are HTTP/0.9.
        guard words.count == 3, !words[0].isEmpty, words[0].allSatisfy(\.isTokenCharacter), !words[1].isEmpty,
            words[1].allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { throw HTTPRefusal(.badRequest) }
        let version = Array(words[2])
        guard version.count == 8, version.starts(with: "HTTP/".utf8), version[5].isDigit,
            version[6] == UInt8(ascii: "."), version[7].isDigit
        else { throw HTTPRefusal(.badRequest) }
        guard version[5] == UInt8(ascii: "1") else { throw HTTPRefusal(.versionNotSupported) }
        (method, target, minorVersion) = (words[0], words[1], version[7] - UInt8(ascii: "0"))
        var fields: [(name: String, value: String)] = []
        for line in lines.dropFirst() { fields.append(try Self.field(line)) }
        self.fields = fields
    }

    /// A lone CR or LF stays where it is, and is no character of anything.
    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while let end = rest.firstPlace(of: [13, 10]) {
            lines.append(rest[..<end.lowerBound])
            rest = rest[end.upperBound...]
        }
        return lines + [rest]
    }

    /// RFC 9112 §5. A line that begins with white space (obs-fold), or has some before its colon, has no name here.
    private static func field(_ line: ArraySlice<UInt8>) throws(HTTPRefusal) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw HTTPRefusal(.badRequest) }
        let (name, value) = (line[..<colon], line[(colon + 1)...])
        let isText = value.allSatisfy { $0 == 9 || (0x20...0x7E).contains($0) || $0 >= 0x80 }
        guard !name.isEmpty, name.allSatisfy(\.isTokenCharacter), isText else { throw HTTPRefusal(.badRequest) }
        return (
            String(decoding: name, as: UTF8.self).lowercased(),
            String(String(decoding: value, as: UTF8.self)[...].trimmed)
        )
    }

    private func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

    /// The members of a list, which may be in several fields (RFC 9110 §5.3).
    private func list(_ name: String) -> [String] {
        values(name).flatMap { $0[...].fields(at: ",").map { $0.trimmed.lowercased() } }
    }

    func request() throws(HTTPRefusal) -> HTTPRequest {
        let hosts = values("host")
        // RFC 9112 §3.2
        guard hosts.count == 1 || hosts.isEmpty && minorVersion == 0, hosts.allSatisfy({ !$0.utf8.contains(0x20) })
        else { throw HTTPRefusal(.badRequest) }
        let lengths = Set(values("content-length"))
        guard lengths.count <= 1, lengths.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isDigit) }) else {
            throw HTTPRefusal(.badRequest)
        }
        let isChunked = !values("transfer-encoding").isEmpty
        // RFC 9112 §6.1: somebody may understand the one, and somebody else the other.
        if isChunked, !lengths.isEmpty || minorVersion == 0 { throw HTTPRefusal(.badRequest) }
        let hasContent = isChunked || lengths.contains { !$0.utf8.allSatisfy { $0 == UInt8(ascii: "0") } }

        let connection = list("connection")
        let isKeptAlive =
            !hasContent && !connection.contains("close") && (minorVersion > 0 || connection.contains("keep-alive"))
        let isHead = method.elementsEqual("HEAD".utf8)
        guard isHead || method.elementsEqual("GET".utf8) else {
            throw HTTPRefusal(.methodNotAllowed, isKeptAlive: isKeptAlive)
        }
        if hasContent { throw HTTPRefusal(.contentTooLarge) }
        return HTTPRequest(
            isHead: isHead, path: try path(), format: ExpositionFormat(accepting: list("accept")),
            isKeptAlive: isKeptAlive)
    }

    /// Of a target in origin or absolute form (RFC 9112 §3.2).
    private func path() throws(HTTPRefusal) -> String {
        var text = String(decoding: target, as: UTF8.self)[...]
        if !text.hasPrefix("/") {
            guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else {
                throw HTTPRefusal(.badRequest)
            }
            text = text.dropFirst(scheme.utf8.count)
            text = text.firstIndex(of: "/").map { text[$0...] } ?? "/"
        }
        return String(text.prefix { $0 != "?" })
    }
}

extension UInt8 {
    /// RFC 9110 §5.6.2
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
