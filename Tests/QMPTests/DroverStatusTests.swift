import JSON
import QMP
import Testing

private func status(
    _ ready: DroverStatus.ReadyCheck, qemu: DroverStatus.QEMU? = nil, stop: DroverStatus.Stop? = nil
) -> DroverStatus {
    DroverStatus(
        state: .stopping, since: "2026-11-21T17:40:49.123Z", accelerator: "tcg", acceleratorReason: "no \"/dev/kvm\"",
        guestResets: 3, qemu: qemu,
        forwards: [.init(transport: "tcp", hostAddress: "::", hostPort: 1, guestPort: 65535)],
        readyCheck: ready, agent: .answering, stop: stop, lastStop: stop?.reason)
}

private let cases: [(DroverStatus, String)] = [
    (status(.agent), #""readyCheck":{"agent":{}}"#),
    (status(.none), #""readyCheck":{"none":{}}"#),
    (status(.auto(address: nil, port: nil)), #""readyCheck":{"auto":{}}"#),
    (status(.auto(address: "0.0.0.0", port: 22)), #""readyCheck":{"auto":{"address":"0.0.0.0","port":22}}"#),
    (
        status(.http(address: "127.0.0.1", port: 80, path: "/x")),
        #""readyCheck":{"http":{"address":"127.0.0.1","path":"/x","port":80}}"#
    ),
    (status(.banner(address: "127.0.0.1", port: 80)), #""readyCheck":{"banner":{"address":"127.0.0.1","port":80}}"#),
    (
        status(.console(pattern: "login: \u{1}", seen: true)),
        #""readyCheck":{"console":{"pattern":"login: \u0001","seen":true}}"#
    ),
    (status(.agent, qemu: .init(pid: 7, version: "7.2.22")), #""qemu":{"pid":7,"version":"7.2.22"}"#),
    (
        status(.agent, stop: .init(reason: "SIGTERM", rung: "rung 2", seconds: 2)),
        #""stop":{"reason":"SIGTERM","rung":"rung 2","seconds":2}}"#
    ),
]

@Test func aStatusSurvivesItsJSON() throws {
    for (status, part) in cases {
        let text = status.jsonValue.encodedText()
        #expect(text.contains(part))
        #expect(try DroverStatus(JSONParser.parse(Array(text.utf8))) == status)
    }
}

@Test func aStatusOfAnotherShapeIsRefusedByName() throws {
    let text = status(.agent).jsonValue.encodedText()
    let changes = [
        (#""state":"stopping""#, #""state":"dancing""#, "state: expected a state"),
        (#""hostPort":1"#, #""hostPort":65536"#, "forwards.0.hostPort: expected an integer from 0 to 65535"),
        (#"{"agent":{}}"#, #"{"moon":{}}"#, "readyCheck.moon: expected the name of a ready check"),
        (#"{"agent":{}}"#, #"{}"#, "readyCheck: expected an object with one member"),
        (#""guestResets":3,"#, "", "guestResets: expected a value"),
    ]
    for (old, new, message) in changes {
        let json = try JSONParser.parse(Array(text.replacing(old, with: new).utf8))
        do throws(JSONMismatch) {
            _ = try DroverStatus(json)
            Issue.record("nothing was thrown: \(message)")
        } catch {
            #expect(error.description == message)
        }
    }
}
