import Linux
import Testing

@testable import Metrics

/// A connection in simulated time.
struct HTTPConnectionTests {
    private static let request = "GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n"

    private var connection = HTTPConnection(at: at(0))

    private static func at(_ seconds: Double) -> Instant {
        Instant(nanoseconds: 1_000_000_000) + .milliseconds(Int(seconds * 1000))
    }

    private mutating func receive(_ text: String, at seconds: Double) -> HTTPRequest? {
        connection.receive(Array(text.utf8), at: Self.at(seconds), second: 784_111_777)
    }

    private mutating func answer(_ text: String, at seconds: Double) {
        connection.answer(HTTPAnswer(.ok, text), at: Self.at(seconds), second: 784_111_777)
    }

    private var output: String { String(decoding: connection.output[connection.start...], as: UTF8.self) }
    private var status: Substring { output.prefix { $0 != "\r" && $0 != "\r\n" } }

    /// Everything is taken.
    private mutating func take(at seconds: Double) -> HTTPRequest? {
        connection.wrote(connection.output.count - connection.start, at: Self.at(seconds), second: 0)
    }

    private mutating func deadlineReached(at seconds: Double) {
        connection.deadlineReached(at: Self.at(seconds), second: 784_111_777)
    }

    @Test mutating func aRequestIsAnsweredAndTheConnectionKept() throws {
        #expect(connection.wantsInput && !connection.isIdle)
        #expect(receive(Self.request, at: 1)?.path == "/metrics")
        #expect(!connection.wantsInput && connection.deadline == nil)
        answer("x", at: 2)
        #expect(
            output == """
                HTTP/1.1 200 OK\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Length: 2\r
                Cache-Control: no-store\r
                Connection: keep-alive\r
                \r
                x

                """)
        #expect(connection.deadline == Self.at(12))
        #expect(take(at: 3) == nil)
        // It may take its time to ask again, and leaves when another wants to come.
        #expect(connection.isIdle && connection.wantsInput && connection.deadline == nil)
        #expect(receive("G", at: 1000) == nil)
        #expect(!connection.isIdle && connection.deadline == Self.at(1005))
    }

    @Test mutating func aHeadRequestGetsNoBody() {
        #expect(receive("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", at: 0)?.isHead == true)
        answer("x", at: 0)
        #expect(output.hasSuffix("\r\n\r\n") && output.contains("Content-Length: 2\r\n"))
    }

    @Test mutating func aRefusalNamesWhatIsAllowedAndEndsTheConnection() {
        #expect(receive("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nrest", at: 0) == nil)
        #expect(status == "HTTP/1.1 405 Method Not Allowed")
        #expect(output.contains("Allow: GET, HEAD\r\n") && output.contains("Connection: close\r\n"))
        #expect(take(at: 1) == nil)
        // The rest is read, or the answer could be lost on the way.
        #expect(connection.isLingering && connection.wantsInput && connection.isIdle)
        #expect(receive("more", at: 1.5) == nil)
        deadlineReached(at: 2)
        #expect(connection.isOver)
    }

    @Test mutating func aRefusedRequestWhoseEndIsKnownIsFollowedByTheNext() {
        #expect(receive("PUT / HTTP/1.1\r\nHost: h\r\n\r\n" + Self.request, at: 0) == nil)
        #expect(status == "HTTP/1.1 405 Method Not Allowed")
        #expect(take(at: 0)?.path == "/metrics")
    }

    @Test mutating func slowHeadersAreGivenFiveSeconds() {
        for second in 0..<5 { #expect(receive("GET / HTTP/1.1\r\nX: y\r\n", at: Double(second) * 0.9) == nil) }
        deadlineReached(at: 4.999)
        #expect(!connection.hasOutput)
        deadlineReached(at: 5)
        #expect(status == "HTTP/1.1 408 Request Timeout")
    }

    @Test mutating func whoSendsNothingIsNotWaitedForLonger() {
        #expect(connection.deadline == Self.at(5))
        deadlineReached(at: 5)
        #expect(status == "HTTP/1.1 408 Request Timeout")
        deadlineReached(at: 15)
        #expect(connection.isOver)
    }

    @Test mutating func slowReadersAreGivenTenSeconds() {
        _ = receive(Self.request, at: 0)
        answer(String(repeating: "x", count: 100), at: 1)
        for second in 2..<11 { #expect(connection.wrote(1, at: Self.at(Double(second)), second: 0) == nil) }
        deadlineReached(at: 10.9)
        #expect(!connection.isOver)
        deadlineReached(at: 11)
        #expect(connection.isOver)
    }

    @Test mutating func requestsInARowWaitForTheirTurn() {
        #expect(receive(Self.request + "HEAD /live HTTP/1.1\r\nHost: h\r\n\r\nGET", at: 0)?.path == "/metrics")
        #expect(!connection.wantsInput)
        answer("x", at: 1)
        #expect(take(at: 2)?.path == "/live")
        answer("y", at: 3)
        #expect(take(at: 4) == nil)
        #expect(connection.deadline == Self.at(9) && !connection.isIdle)
    }

    @Test mutating func whoSendsNoMoreStillGetsTheAnswer() {
        _ = receive(Self.request, at: 0)
        connection.inputEnded()
        #expect(!connection.isOver)
        answer("x", at: 1)
        #expect(output.contains("Connection: close\r\n"))
        #expect(take(at: 2) == nil)
        #expect(connection.isOver)
    }

    @Test mutating func whoLeavesInTheMiddleIsForgotten() {
        #expect(receive("GET /", at: 0) == nil)
        connection.inputEnded()
        #expect(connection.isOver)
    }

    @Test mutating func garbageInARowIsRefusedOnce() {
        #expect(receive(Self.request + "\u{0}\u{1}garbage\r\n\r\nmore\r\n\r\n", at: 0)?.path == "/metrics")
        answer("x", at: 0)
        #expect(take(at: 0) == nil)
        #expect(status == "HTTP/1.1 400 Bad Request")
        #expect(take(at: 0) == nil)
        #expect(connection.isLingering && !connection.hasOutput)
    }
}
