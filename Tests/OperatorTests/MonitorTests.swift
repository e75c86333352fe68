import Linux
import Testing

@testable import Operator

@Test func aTypedLineBecomesOneCommand() throws {
    let cases: [(MonitorLanguage, String, String?)] = [
        (.hmp, "  info block \r", #"{"execute":"human-monitor-command","arguments":{"command-line":"info block"}}"#),
        (.hmp, "", nil), (.hmp, "  ", nil), (.qmp, " ", nil),
        (.qmp, "query-status", #"{"execute":"query-status"}"#),
        (.qmp, #" {"execute": "x", "id": [1]} "#, #"{"execute": "x", "id": [1]}"#),
    ]
    for (language, line, command) in cases {
        let bytes = try language.command(line)
        // The order of members is the encoder's.
        let sorted = bytes.map { Set($0) }
        #expect(sorted == command.map { Set($0.utf8) } && bytes?.count == command?.utf8.count, "\(line)")
    }
}

@Test func whatIsNoQMPIsNotSent() {
    let cases = [
        (
            "info block",
            #""info block" is not QMP; write a command's name, or JSON such as {"execute": "query-status"}"#
        ),
        (#"{"execute": "x""#, #""{\"execute\": \"x\"" is not one JSON object; see drover help monitor"#),
        (#"{"execute": "x"} {}"#, #""{\"execute\": \"x\"} {}" is not one JSON object; see drover help monitor"#),
    ]
    for (line, message) in cases {
        #expect(failure { _ = try MonitorLanguage.qmp.command(line) } == ClientFailure(.no, message))
    }
}

/// A monitor without a terminal, and what it has shown.
private final class Session {
    var shown = ""
    var aside = ""
    let client: QMPClient
    let server: Descriptor

    init(_ lines: [String]) throws {
        (client, server) = try OperatorTests.client(hearing: lines)
    }

    func monitor(isQMP: Bool) -> Monitor {
        Monitor(
            client, isQMP: isQMP, write: { [unowned self] in shown += $0 },
            writeAside: { [unowned self] in aside += $0 })
    }
}

@Test func theHumanMonitorsWordsDecideTheOutcome() throws {
    let session = try Session([
        #"{"return": "VM status: running\r\n"}"#, #"{"return": "unknown command: 'foo'\r\n"}"#,
        #"{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 1}}"#,
        #"{"event": "RESET", "data": {"guest": true, "reason": "guest\u001b[2J-reset"}}"#, #"{"return": ""}"#,
        #"{"error": {"class": "GenericError", "desc": "savevm needs QMP_POLICY=full"}}"#,
    ])
    let monitor = session.monitor(isQMP: false)
    #expect(try monitor.run("info status"))
    #expect(try !monitor.run("foo"))
    #expect(try monitor.run("stop"))
    #expect(try !monitor.run("savevm a"))
    #expect(session.shown == "VM status: running\nunknown command: 'foo'\nsavevm needs QMP_POLICY=full\n")
    #expect(session.aside == "event: STOP\nevent: RESET guest=true reason=guest[2J-reset\n")
}

@Test func rawAnswersAreShownAsTheyCome() throws {
    let session = try Session([
        #"{"event": "STOP"}"#, #"{"return": {}, "id": "a"}"#, #"{"error": {"class": "CommandNotFound", "desc": "no"}}"#,
    ])
    let monitor = session.monitor(isQMP: true)
    #expect(try monitor.run(#"{"execute": "stop", "id": "a"}"#))
    #expect(try !monitor.run("nope"))
    #expect(
        session.shown == #"{"return": {}, "id": "a"}"# + "\n"
            + #"{"error": {"class": "CommandNotFound", "desc": "no"}}"# + "\n")
    #expect(session.aside == #"{"event": "STOP"}"# + "\n")
}

@Test func everyLineOfAPipeIsRunThoughOneFails() throws {
    let session = try Session([#"{"return": {}, "id": 1}"#, #"{"return": {}, "id": 2}"#])
    let isAllWell = try session.monitor(isQMP: true).run(linesOf: pipe(holding: "query-a\n\nnot qmp\nquery-b"))
    #expect(!isAllWell)
    #expect(session.shown.split(separator: "\n").count == 2)
    #expect(session.aside.hasPrefix(#"drover: "not qmp" is not QMP"#))
}
