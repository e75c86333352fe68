import Basics

/// An answer, before it is known to which request.
public struct HTTPAnswer: Equatable, Sendable {
    public let status: HTTPStatus
    public let contentType: String
    public let body: [UInt8]

    public static let plainText = "text/plain; charset=utf-8"

    public init(_ status: HTTPStatus, contentType: String, _ body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    public init(_ status: HTTPStatus, _ line: String) {
        self.init(status, contentType: Self.plainText, Array((line + "\n").utf8))
    }

    init(_ refusal: HTTPStatus) {
        self.init(refusal, "\(refusal.rawValue) \(refusal.reason)")
    }

    /// - Parameter second: since 1970, by the wall clock.
    func encoded(withBody: Bool, isKeptAlive: Bool, second: Int) -> [UInt8] {
        var lines = ["HTTP/1.1 \(status.rawValue) \(status.reason)", "Date: \(Self.date(second))"]
        lines.append("Content-Type: \(contentType)")
        lines.append("Content-Length: \(body.count)")
        // What is told holds for this moment.
        lines.append("Cache-Control: no-store")
        if status == .methodNotAllowed { lines.append("Allow: GET, HEAD") }
        // For HTTP/1.0 it must be said that it is kept.
        lines.append("Connection: \(isKeptAlive ? "keep-alive" : "close")")
        let head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        return withBody ? head + body : head
    }

    /// RFC 9110 §5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func date(_ second: Int) -> String {
        let time = CivilTime(second: second)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = time.date
        let clock = "\(two(time.second / 3600)):\(two(time.second / 60 % 60)):\(two(time.second % 60))"
        return "\(days[time.weekday]), \(two(date.day)) \(months[date.month - 1]) \(date.year) \(clock) GMT"
    }
}
