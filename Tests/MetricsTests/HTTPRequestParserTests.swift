import Testing

@testable import Metrics

private let host = "Host: h\r\n"

/// A request, and what it becomes: `GET /path`, with `!` when the connection is not kept, or the refusal's number.
private let cases: [(String, String)] = [
    ("GET /metrics HTTP/1.1\r\n\(host)\r\n", "GET /metrics"),
    ("HEAD /live HTTP/1.1\r\n\(host)\r\n", "HEAD /live"),
    ("\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n", "GET /"),
    ("GET /ready?x=1 HTTP/1.1\r\n\(host)\r\n", "GET /ready"),
    ("GET http://h:9177/metrics?x HTTP/1.1\r\n\(host)\r\n", "GET /metrics"),
    ("GET HTTP://h HTTP/1.1\r\n\(host)\r\n", "GET /"),
    ("GET /../../etc/passwd HTTP/1.1\r\n\(host)\r\n", "GET /../../etc/passwd"),
    ("GET / HTTP/1.1\r\nHost:\r\nConnection: Close\r\n\r\n", "GET / !"),
    ("GET / HTTP/1.1\r\n\(host)Connection: x,\tclose\r\n\r\n", "GET / !"),
    ("GET / HTTP/1.0\r\n\r\n", "GET / !"),
    ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /"),
    ("GET / HTTP/1.7\r\n\(host)\r\n", "GET /"),
    ("GET / HTTP/1.1\r\n\(host)Content-Length: 0\r\n\r\n", "GET /"),
    ("GET / HTTP/1.1\r\n\(host)X: \u{fc} \t ok\r\n\r\n", "GET /"),

    // HTTP/0.9, and what is no request line.
    ("GET /\r\n\r\n", "400"), ("GET\r\n\r\n", "400"), ("GET  / HTTP/1.1\r\n\(host)\r\n", "400"),
    ("GET / HTTP/1.1 \r\n\(host)\r\n", "400"), ("G(T / HTTP/1.1\r\n\(host)\r\n", "400"),
    (" GET / HTTP/1.1\r\n\(host)\r\n", "400"), ("GET /\u{e4} HTTP/1.1\r\n\(host)\r\n", "400"),
    ("GET /#x HTTP/1.1\r\n\(host)\r\n", "400"), ("GET * HTTP/1.1\r\n\(host)\r\n", "400"),
    ("GET metrics HTTP/1.1\r\n\(host)\r\n", "400"), ("GET / http/1.1\r\n\(host)\r\n", "400"),
    ("GET / HTTP/1.10\r\n\(host)\r\n", "400"), ("GET / HTTP/11\r\n\(host)\r\n", "400"),
    ("GET / HTTP/2.0\r\n\(host)\r\n", "505"), ("\u{16}\u{3}\u{1}\r\n\r\n", "400"),
    // Header fields.
    ("GET / HTTP/1.1\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)\(host)\r\n", "400"),
    ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)X : y\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\n\(host)X: y\r\n z\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)nonsense\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\n\(host): y\r\n\r\n", "400"), ("GET / HTTP/1.1\r\n\(host)X: a\u{0}b\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\n\(host)X: a\rb\r\n\r\n", "400"), ("GET / HTTP/1.1\n\(host)\r\n\r\n", "400"),
    // Content.
    ("GET / HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\n", "413"),
    ("GET / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\n", "413"),
    ("GET / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "400"),
    ("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\n\(host)Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\n\(host)Content-Length: +5\r\n\r\n", "400"),
    ("GET / HTTP/1.1\r\n\(host)Content-Length:\r\n\r\n", "400"),
    // Methods.
    ("POST /metrics HTTP/1.1\r\n\(host)Content-Length: 5\r\n\r\n", "405 !"),
    ("DELETE / HTTP/1.1\r\n\(host)\r\n", "405"), ("get / HTTP/1.1\r\n\(host)\r\n", "405"),
    // Bounds.
    ("GET /\(String(repeating: "a", count: 8192)) HTTP/1.1\r\n\(host)\r\n", "414"),
    (String(repeating: "a", count: 1 << 20), "414"),
    ("GET / HTTP/1.1\r\n\(host)X: \(String(repeating: "a", count: 8192))\r\n\r\n", "431"),
    ("GET / HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 2000), "431"),
]

private func outcome(_ parser: inout HTTPRequestParser) -> String? {
    do throws(HTTPRefusal) {
        guard let request = try parser.next() else { return nil }
        return "\(request.isHead ? "HEAD" : "GET") \(request.path)\(request.isKeptAlive ? "" : " !")"
    } catch {
        let isNotable = error.status == .methodNotAllowed && !error.isKeptAlive
        return "\(error.status.rawValue)\(isNotable ? " !" : "")"
    }
}

@Test func eachRequestBecomesWhatTheRFCSays() {
    for (text, expected) in cases {
        var parser = HTTPRequestParser()
        parser.append(text.utf8)
        #expect(outcome(&parser) == expected, "\(text.prefix(200).debugDescription)")
    }
}

@Test func itMakesNoDifferenceHowTheBytesCome() {
    for (text, expected) in cases where text.utf8.count < 20_000 {
        var parser = HTTPRequestParser()
        var found: String?
        for byte in text.utf8 where found == nil {
            parser.append([byte])
            found = outcome(&parser)
        }
        #expect(found == expected, "\(text.prefix(200).debugDescription)")
    }
}

@Test func requestsInARowAreReadOneAfterTheOther() {
    var parser = HTTPRequestParser()
    parser.append("GET /a HTTP/1.1\r\n\(host)\r\nGET /b HTTP/1.1\r\n\(host)\r\nGET".utf8)
    #expect(outcome(&parser) == "GET /a")
    #expect(outcome(&parser) == "GET /b")
    #expect(outcome(&parser) == nil)
    #expect(!parser.isEmpty)
}

@Test(arguments: [
    ("", ExpositionFormat.prometheus), ("*/*", .prometheus), ("application/openmetrics-text", .openMetrics),
    (
        "application/openmetrics-text;version=1.0.0;q=0.5, application/openmetrics-text;version=0.0.1;q=0.4,"
            + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", .openMetrics
    ),
    ("application/openmetrics-text;version=0.0.1", .prometheus),
    ("text/plain, application/openmetrics-text; q=0.9", .prometheus),
    ("application/openmetrics-text; version=1.0.0; q=0, text/plain;q=0.1", .prometheus),
    ("application/openmetrics-text;q=junk", .prometheus), ("APPLICATION/OPENMETRICS-TEXT", .openMetrics),
])
func theFormatIsTheOneThatIsWantedMost(_ accept: String, _ format: ExpositionFormat) throws {
    var parser = HTTPRequestParser()
    parser.append("GET /metrics HTTP/1.1\r\n\(host)Accept: \(accept)\r\n\r\n".utf8)
    #expect(try parser.next()?.format == format)
}
