import Basics

/// Cuts a byte stream into requests (RFC 9112), split anywhere. Small and strict: lines end with CRLF, and a request with
/// content is refused.
public struct HTTPRequestParser: Sendable {
    /// Of a request line and its header fields together.
    public static let limit = 8192

    private var bytes: [UInt8] = []
    /// Where the search for the end goes on.
    private var searched = 0

    public init() {}

    public var isEmpty: Bool { bytes.isEmpty }
    /// Bytes that it holds.
    var count: Int { bytes.count }

    public mutating func append(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// - Returns: nil: more is needed.
    /// - Throws: what to answer instead.
    public mutating func next() throws(HTTPRefusal) -> HTTPRequest? {
        // RFC 9112 §2.2: empty lines before a request are ignored.
        var start = 0
        while bytes[start...].starts(with: [13, 10]) { start += 2 }
        if start > 0 {
            bytes.removeFirst(start)
            searched = 0
        }
        guard let end = endOfHeader() else {
            if bytes.count > Self.limit { throw HTTPRefusal(hasLine ? .headerFieldsTooLarge : .uriTooLong) }
            return nil
        }
        guard end <= Self.limit else { throw HTTPRefusal(hasLine ? .headerFieldsTooLarge : .uriTooLong) }
        let head = Array(bytes[..<(end - 4)])
        bytes.removeFirst(end)
        searched = 0
        return try HTTPHead(head).request()
    }

    /// The request line is complete, within the bound.
    private var hasLine: Bool {
        bytes.prefix(Self.limit).firstPlace(of: [13, 10]) != nil
    }

    /// The place after the empty line; the search begins where the last one ended.
    private mutating func endOfHeader() -> Int? {
        var place = searched
        while place + 4 <= bytes.count {
            if bytes[place] == 13, bytes[place + 1] == 10, bytes[place + 2] == 13, bytes[place + 3] == 10 {
                return place + 4
            }
            place += 1
        }
        searched = place
        return nil
    }
}
