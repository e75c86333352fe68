import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

private func status(_ job: String, _ status: String) -> String {
    #"{"event": "JOB_STATUS_CHANGE", "data": {"id": "\#(job)", "status": "\#(status)"}}"#
}

private let done = #"{"return": {}, "id": 1}"#
private let completed = #"{"event": "X", "data": {"n": 2}}"#

/// What comes after the command `begin` is sent, and the data of the event that is waited for.
private let waits: [([String], JSONValue?)] = [
    ([done, completed], ["n": 2]),
    // The event overtakes the answer.
    ([completed, done], ["n": 2]),
    // The first that fits is the one.
    ([#"{"event": "X", "data": {"n": 1}}"#, #"{"event": "Y", "data": {"n": 2}}"#, done, completed], ["n": 2]),
    ([#"{"event": "X"}"#, done, #"{"return": 1, "id": 9}"#, completed], ["n": 2]),
    ([done, #"{"event": "X", "data": {"n": 1}}"#], nil),
]

@Test func anEventIsWaitedForFromTheSendingOn() throws {
    for (lines, data) in waits {
        let (client, server) = try client(hearing: lines)
        var seen = 0
        client.onEvent = { _ in seen += 1 }
        let deadline = data == nil ? Linux.Instant.now() + .milliseconds(20) : soon()
        var message: ClientMessage?
        let failure = failure {
            message = try client.execute(QMPCommand("begin"), awaiting: "X", until: deadline) {
                $0["n"]?.integer() == 2
            }
        }
        #expect(message?.data == data, "\(lines)")
        #expect(
            failure == (data == nil ? ClientFailure(.deadline, "begin: X has not come in time") : nil), "\(lines)")
        // Others hear of every event too.
        #expect(seen == lines.count(where: { $0.contains("event") }))
        _ = server
    }
}

private func jobs(_ text: String) -> String { #"{"return": [\#(text)], "id": 2}"# }
private let dismissed = #"{"return": {}, "id": 3}"#
private let forgotten = "begin: QEMU has forgotten the job j; start it with auto-dismiss=false"

/// What QEMU says of a job `j`, and what comes of it.
private let ends: [([String], ClientFailure?)] = [
    (
        [status("j", "created"), status("j", "running"), done, status("other", "concluded"), status("j", "concluded")]
            + [jobs(#"{"id": "other", "error": "not ours"}, {"id": "j", "status": "concluded"}"#), dismissed], nil
    ),
    ([status("j", "concluded"), done, jobs(#"{"id": "j"}"#), dismissed], nil),
    (
        [done, status("j", "concluded"), jobs(#"{"id": "j", "error": "No space\nleft"}"#), dismissed],
        ClientFailure(.no, "begin: No space left")
    ),
    ([done, status("j", "concluded"), jobs("")], ClientFailure(.broken, forgotten)),
    (
        [#"{"error": {"class": "GenericError", "desc": "no such node"}, "id": 1}"#],
        ClientFailure(.no, "begin: no such node")
    ),
]

@Test func aJobIsWaitedForUntilItsEnd() throws {
    for (lines, expected) in ends {
        let (client, server) = try client(hearing: lines)
        let failure = failure { try client.runJob(QMPCommand("begin"), id: "j", until: soon()) }
        #expect(failure == expected, "\(lines)")
        let sent = try sent(to: server)
        #expect(lines.contains(dismissed) == sent.contains(#"{"execute":"job-dismiss","arguments":{"id":"j"},"id":3}"#))
    }
}

@Test func aJobThatTakesTooLongGoesOn() throws {
    let (client, server) = try client(hearing: [done, status("j", "running")])
    let failure = failure { try client.runJob(QMPCommand("begin"), id: "j", until: .now() + .milliseconds(20)) }
    #expect(
        failure == ClientFailure(.deadline, "begin: the job j has not ended in time; it goes on; job-cancel ends it"))
    #expect(try sent(to: server).count == 1)
}
