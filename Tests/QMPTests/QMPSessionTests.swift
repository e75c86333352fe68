import Testing

@testable import QMP

/// Lines as QEMU 7.2 sends them.
private let conversation = [
    #"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}"#,
    #"{"return": {}, "id": 1}"#,
    #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RESUME"}"#,
    #"{"return": {"status": "running", "singlestep": false, "running": true}, "id": 2}"#,
    #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "BLOCK_IO_ERROR", "data": {"device": "disk0", "reason": "No space left on device", "nospace": true, "operation": "write", "action": "report"}}"#,
    #"{"id": 3, "error": {"class": "GenericError", "desc": "no"}}"#,
    #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RTC_CHANGE", "data": {"offset": 1, "qom-path": "/machine"}}"#,
    #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}"#,
]

private let understood: [QMPSession.Incoming] = [
    .greeting(version: "7.2.22"),
    .answered(.capabilities, [:]),
    .event(.resume),
    .answered(.queryStatus, ["status": "running", "singlestep": false, "running": true]),
    .event(
        .blockIOError(
            .init(node: "disk0", isWrite: true, isForSpace: true, action: .told, reason: "No space left on device"))),
    .refused(.powerdown, reason: "no (GenericError)"),
    .event(.other("RTC_CHANGE")),
    .event(.shutdown(guest: true, reason: "guest-shutdown")),
]

private func sessionInConversation() -> QMPSession {
    var session = QMPSession()
    for command in [QMPCommand.capabilities, .queryStatus, .powerdown] { _ = session.send(command) }
    return session
}

@Test func aConversationIsUnderstoodWhereverItIsSplit() throws {
    let stream = Array(conversation.joined(separator: "\r\n").utf8) + [13, 10]
    for size in [1, 2, 7, 100, stream.count] {
        var session = sessionInConversation()
        var incoming: [QMPSession.Incoming] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            incoming += session.receive(stream[start..<min(start + size, stream.count)]).compactMap(\.incoming)
        }
        #expect(incoming == understood)
    }
}

@Test func aCommandIsOneLineWithItsOwnID() {
    var session = QMPSession()
    _ = session.send(.capabilities)
    let line = String(decoding: session.send(.quit), as: UTF8.self)
    #expect(line.hasSuffix("\r\n"))
    #expect(line.contains(#""execute":"quit""#) && line.contains(#""id":2"#))
}

@Test(arguments: [
    #"{"return": {}, "id": 99}"#,
    #"{"return": {}}"#,
    #"{"error": {"class": "GenericError", "desc": "JSON parse error"}}"#,
    #"{"something": 1}"#,
    #"{"return": "#,
    #"[1]"#,
    "\u{0}\u{1}",
])
func whatNobodyAskedForIsStray(_ line: String) throws {
    var session = sessionInConversation()
    let incoming = session.receive(Array(line.utf8) + [10])
    guard case .stray = try #require(incoming.first) else {
        Issue.record("\(incoming)")
        return
    }
    // The conversation goes on.
    let next = session.receive(Array(#"{"return": {}, "id": 1}"#.utf8) + [10])
    #expect(next == [.answered(.capabilities, [:])])
}

@Test func clientsLinesComeWholeWhereverTheyAreSplit() throws {
    let lines = [
        conversation[0], conversation[2], #"{"return": {"a": "\\\"}"}, "id": 4294967296}"#,
        #"{"id": 4294967297, "error": {"class": "GenericError", "desc": "no"}}"#,
    ]
    let stream = Array(lines.joined(separator: "\r\n").utf8) + [13, 10]
    for size in [1, 2, 7, stream.count] {
        var session = QMPSession()
        var received: [QMPSession.Received] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            received += session.receive(stream[start..<min(start + size, stream.count)])
        }
        let raw = received.map { received -> [UInt8]? in
            switch received {
            case .greeting(_, let line), .event(_, let line): line
            case .reply(let reply): reply.line
            case .answered, .refused, .stray: nil
            }
        }
        #expect(raw == lines.map { Array($0.utf8) })
    }
}
