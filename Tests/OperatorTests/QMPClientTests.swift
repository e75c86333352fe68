import Basics
import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

@Test func aCommandIsAnsweredAmongEventsAndLateAnswers() throws {
    let (client, server) = try client(hearing: [
        greeting, #"{"event": "RESUME"}"#, negotiated, #"{"event": "STOP"}"#, #"{"return": "late", "id": 77}"#,
        #"{"return": {"status": "running"}, "id": 2}"#,
    ])
    var events: [String] = []
    client.onEvent = { events.append($0.eventText ?? "") }
    try client.negotiate(until: soon())
    let reply = try client.execute(QMPCommand("query-status", ["name": "a \"b\""]), until: soon())
    #expect(reply.result == ["status": "running"])
    #expect(events == ["RESUME", "STOP"])
    let lines = try sent(to: server)
    #expect(lines.count == 2 && lines[0].contains(#""execute":"qmp_capabilities""#) && lines[0].contains(#""id":1"#))
    #expect(lines[1].contains(#"{"name":"a \"b\""}"#))
}

@Test func anErrorIsTheAnswerNo() throws {
    let refusal = #"{"id": 2, "error": {"class": "GenericError", "desc": "quit needs QMP_POLICY=full\r\n\u001b[1m"}}"#
    let (client, server) = try client(hearing: [greeting, negotiated, refusal])
    try client.negotiate(until: soon())
    #expect(
        failure { try client.expectSuccess(of: .quit, until: soon()) }
            == ClientFailure(.no, "quit: quit needs QMP_POLICY=full [1m"))
    _ = server
}

/// A server that breaks the rules, and what is said of it.
private let broken: [([String], ClientExit, String)] = [
    ([], .broken, "PID 1 closed it"),
    (["{\"QMP\": "], .broken, "this is no QMP: {\"QMP\": "),
    (["SSH-2.0-OpenSSH_9.2\u{1b}[2J"], .broken, "this is no QMP: SSH-2.0-OpenSSH_9.2[2J"),
    ([#"{"return": {}}"#], .broken, "this is no QMP server"),
    ([greeting], .broken, "PID 1 closed it"),
    (
        [greeting, #"{"error": {"class": "GenericError", "desc": "JSON parse error"}}"#], .no,
        "qmp_capabilities: JSON parse error"
    ),
    ([greeting, #"{"return": {}, "id": 9}"#], .broken, "PID 1 closed it"),
]

@Test func everyBreachHasADefinedEnd() throws {
    for (lines, exit, message) in broken {
        var (client, server): (QMPClient, Descriptor?) = try client(hearing: lines)
        #expect(server != nil)
        server = nil
        let failure = failure { try client.negotiate(until: soon()) }
        #expect(failure?.exit == exit, "\(lines)")
        #expect(failure?.message.contains(message) == true, "\(lines): \(failure?.message ?? "")")
    }
}

@Test func silenceEndsAtTheDeadline() throws {
    let (silent, one) = try client(hearing: [])
    let failure1 = failure { try silent.negotiate(until: .now() + .milliseconds(20)) }
    #expect(failure1?.exit == .deadline && failure1?.message.contains("sent no greeting in time") == true)

    let (greeted, two) = try client(hearing: [greeting, negotiated])
    try greeted.negotiate(until: soon())
    let failure2 = failure { _ = try greeted.execute(.queryStatus, until: .now() + .milliseconds(20)) }
    #expect(failure2 == ClientFailure(.deadline, "/run/drover/qmp.sock: query-status was not answered in time"))
    // Half a frame is no answer.
    try two.writeAll(Array(#"{"return": "#.utf8))
    #expect(failure { _ = try greeted.execute(.queryStatus, until: .now() + .milliseconds(20)) }?.exit == .deadline)
    _ = one
}

@Test func aLineOfThreeMebibytesIsTaken() throws {
    let (ours, servers) = try Descriptor.socketPair(nonBlocking: true)
    let client = QMPClient(ours, name: "q")
    let text = String(repeating: "x", count: 3 << 20)
    let server = Server {
        let bytes = Array("\(greeting)\r\n\(negotiated)\r\n{\"return\": \"\(text)\", \"id\": 2}\r\n".utf8)
        var sent = 0
        while sent < bytes.count, (try? servers.wait(until: .writable, soon())) == true {
            sent += (try? servers.send(bytes, from: sent)) ?? 0
        }
    }
    try client.negotiate(until: soon())
    #expect(try client.execute(QMPCommand("x"), until: soon()).result?.string?.count == 3 << 20)
    try server.join()
}

@Test func whatIsMissingIsNamedWithItsRemedy() throws {
    let folder = try TemporaryFolder()
    let path = RuntimeSockets(directory: folder.path).qmp
    #expect(
        failure { _ = try RuntimeSockets.connect(to: path, until: soon()) }?.message
            == "PID 1 is not there: no socket at \(path); is drover running, with the same DROVER_RUNTIME_DIR?"
    )
    // A socket that nobody listens on any more, as a killed PID 1 leaves it.
    do { _ = try Listener(unix: path) }
    let refused = failure { _ = try RuntimeSockets.connect(to: path, until: soon()) }
    #expect(
        refused == ClientFailure(.absent, "PID 1 is not there: nobody listens at \(path) any more; start drover again"))
    #expect(RuntimeSockets.failure(.permissionDenied, "/a").exit == .notPermitted)
    #expect(RuntimeSockets.failure(.timedOut, "/a").exit == .deadline)
    let long = "/" + String(repeating: "x", count: 107)
    #expect(
        failure { _ = try RuntimeSockets.connect(to: long, until: soon()) }?.message.contains("is too long") == true)
    #expect(RuntimeSockets.failure(.noSuchFile, "/a\u{1b}[2J").message.contains(#"no socket at "/a\u{1b}[2J";"#))
}

@Test func aFullBacklogEndsAtTheDeadline() throws {
    let folder = try TemporaryFolder()
    let listener = try Listener(unix: "\(folder.path)/s", backlog: 0)
    var held: [Descriptor] = []
    let failure = failure {
        for _ in 0..<64 {
            held.append(try RuntimeSockets.connect(to: "\(folder.path)/s", until: .now() + .milliseconds(50)))
        }
    }
    #expect(failure?.exit == .deadline)
    _ = listener
}
