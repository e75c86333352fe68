import Foundation
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

private let check = HealthCheck(.ready, timeout: .seconds(30), now: .now())
private let live = HealthCheck(.live, timeout: .seconds(30), now: .now())
/// Only what never answers makes it end by its deadline.
private func brief() -> HealthCheck { HealthCheck(.ready, timeout: .milliseconds(30), now: .now()) }

private func runState(_ name: String) -> String { #"{"return": {"status": "\#(name)", "running": true}, "id": 3}"# }
private let pong = #"{"return": {}, "id": 4}"#

private func verdict(_ check: HealthCheck, _ status: DroverStatus, _ rest: String...) throws -> HealthVerdict {
    let (client, server) = try client(hearing: [greeting, negotiated, answer(status)] + rest)
    defer { withExtendedLifetime(server) {} }
    return check.run(client)
}

@Test func liveIsThatQEMUAnswersAndTheMachineRunsOrWasPaused() throws {
    let cases: [(DroverStatus.State, String, Bool, String)] = [
        (.running, "running", true, "live: PID 1 answers, and QEMU says running"),
        (.paused, "paused", true, "live: PID 1 answers, and QEMU says paused"),
        (.paused, "save-vm", true, "live: PID 1 answers, and QEMU says save-vm"),
        (.starting, "prelaunch", true, "live: PID 1 answers, and QEMU says prelaunch"),
        (.running, "prelaunch", false, "not live: QEMU says prelaunch"),
        (.paused, "internal-error", false, "not live: QEMU says internal-error"),
        (.paused, "io-error", false, "not live: QEMU says io-error"),
        (.paused, "guest-panicked", false, "not live: QEMU says guest-panicked"),
        (.running, "shutdown", false, "not live: QEMU says shutdown"),
    ]
    for (state, name, isHealthy, line) in cases {
        #expect(try verdict(live, status(state), runState(name)) == HealthVerdict(isHealthy: isHealthy, line: line))
    }
}

@Test func aStopUnderWayIsLiveAndNotReady() throws {
    // QEMU is not asked: there is no answer to be had here.
    let stopping = status(.stopping, stop: .init(reason: "SIGTERM", rung: "rung 2", seconds: 1))
    #expect(try verdict(live, stopping) == .yes("live: PID 1 answers; the guest is being stopped (SIGTERM)"))
    #expect(try verdict(check, stopping) == .no("not ready: the guest is being stopped (SIGTERM)"))
    #expect(try verdict(live, status(.ending)) == .no("not live: the guest is down, the run is ending"))
}

@Test func whatDoesNotRunIsNotReady() throws {
    let cases: [(DroverStatus.State, String, String)] = [
        (.starting, "prelaunch", "not ready: the guest is being started"),
        (.paused, "paused", "not ready: the guest is paused"),
        (.running, "paused", "not ready: the guest is paused"),
        (.paused, "suspended", "not ready: the guest is asleep (suspended)"),
        (.paused, "save-vm", "not ready: a snapshot is being taken or loaded (save-vm)"),
        (.running, "io-error", "not live: QEMU says io-error"),
    ]
    for (state, name, line) in cases {
        #expect(try verdict(check, status(state, ready: .none), runState(name)) == .no(line))
    }
}

@Test func theReadyCheckSaysWhatTheGuestIsAsked() throws {
    let nothing = "nothing to ask: no agent answers and no port leads to the guest's SSH; set READY_CHECK"
    let cases: [(DroverStatus, HealthVerdict)] = [
        (status(ready: .none), .yes("ready: the guest runs (READY_CHECK=none asks no more)")),
        (status(ready: .console(pattern: "login: ", seen: true)), .yes(#"ready: the console has shown "login: ""#)),
        (
            status(ready: .console(pattern: "\u{1b}", seen: false)),
            .no(#"not ready: the console has not shown "\u{1b}" since the last reset"#)
        ),
        (status(ready: .auto(address: nil, port: nil)), .no("not ready: \(nothing)")),
        (status(ready: .auto(address: nil, port: nil), agent: .off), .no("not ready: \(nothing)")),
        (
            status(ready: .auto(address: nil, port: nil), consoleIsSilent: true),
            .no("not ready: \(nothing); its serial console is silent: drover screen shows its screen")
        ),
        (status(ready: .none, consoleIsSilent: true), .yes("ready: the guest runs (READY_CHECK=none asks no more)")),
    ]
    for (status, expected) in cases { #expect(try verdict(check, status, runState("running")) == expected) }

    #expect(
        HealthRules.question(status(ready: .auto(address: "0.0.0.0", port: 22)))
            == .port(PortProbe(address: "127.0.0.1", port: 22)))
    #expect(
        HealthRules.question(status(ready: .auto(address: "10.0.0.1", port: 22)))
            == .port(PortProbe(address: "10.0.0.1", port: 22)))
    #expect(HealthRules.question(status(ready: .auto(address: nil, port: 22), agent: .answering)) == .agent)
    #expect(HealthRules.question(status(ready: .agent, agent: .answering)) == .agent)
}

@Test func theAgentsAnswerDecides() throws {
    let asked = status(ready: .agent, agent: .answering)
    let yes = try verdict(check, asked, runState("running"), pong)
    #expect(yes.isHealthy && yes.line.hasPrefix("ready: the guest agent answered guest-ping in "))
    let refusal = #"{"error": {"class": "GenericError", "desc": "the guest agent does not answer"}, "id": 4}"#
    #expect(
        try verdict(check, asked, runState("running"), refusal)
            == .no("not ready: drover-agent: the guest agent does not answer"))
    #expect(
        try verdict(brief(), asked, runState("running"))
            == .no("not ready: the guest agent did not answer guest-ping within 30.0 ms"))
}

@Test func whoeverDoesNotAnswerIsNamed() throws {
    for lines in [[], [greeting], [greeting, negotiated]] {
        let (client, server) = try client(hearing: lines)
        #expect(brief().run(client) == .no("not live: PID 1 did not answer drover-status within 30.0 ms"))
        _ = server
    }
    #expect(
        try verdict(brief(), status())
            == .no("not live: QEMU's main loop did not answer query-status within 30.0 ms"))
    // Closed in the middle of a frame.
    var (lost, server): (QMPClient, Descriptor?) = try client(hearing: [greeting, negotiated])
    server?.say(#"{"return": {"state""#)
    server = nil
    #expect(brief().run(lost).line.contains("the connection is lost: PID 1 closed it"))
    lost = try client(hearing: []).client
    let strange = try client(hearing: [greeting, negotiated, #"{"return": {"state": "dancing"}, "id": 2}"#])
    #expect(brief().run(strange.client).line.contains("PID 1 is another version of drover"))
    let folder = try TemporaryFolder()
    #expect(brief().run(socket: "\(folder.path)/qmp.sock").line.hasPrefix("not live: PID 1 is not there: no socket at"))
}

@Test func aBannerMustComeFromTheGuest() throws {
    func asked(_ check: HealthCheck, _ port: UInt16) throws -> HealthVerdict {
        try verdict(check, status(ready: .banner(address: "127.0.0.1", port: port)), runState("running"))
    }
    // The kernel takes the connection, as QEMU does, and nobody ever answers.
    let silent = try Listener(tcp: ())
    let no = try asked(brief(), silent.port)
    #expect(
        !no.isHealthy
            && no.line.hasPrefix("not ready: 127.0.0.1:\(silent.port): connected, but the guest sent nothing in "))

    let talking = try Listener(tcp: ())
    let server = Server { talking.accept()?.say("SSH-2.0-x\u{1b}[2J\r\nmore") }
    let yes = try asked(check, talking.port)
    try server.join()
    #expect(yes.isHealthy && yes.line.hasPrefix(#"ready: 127.0.0.1:\#(talking.port) sent "SSH-2.0-x\u{1b}[2J" in "#))

    let closing = try Listener(tcp: ())
    let closer = Server { _ = closing.accept() }
    #expect(
        try asked(check, closing.port)
            == .no("not ready: 127.0.0.1:\(closing.port): connected, but closed before the guest sent anything"))
    try closer.join()

    let port = try Listener(tcp: ()).port
    #expect(
        try asked(check, port) == .no("not ready: 127.0.0.1:\(port): connection refused; is the port in QEMU_PORTS?"))
}

@Test func theStatusOfAnHTTPAnswerDecides() throws {
    let cases: [(answer: String, isHealthy: Bool, words: String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true, "/health answered 200 in "),
        ("HTTP/1.0 302 Found\r\n\r\n", true, "/health answered 302 in "),
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", false, "/health answered 503 in "),
        ("HTTP/1.1 404\r\n", false, "/health answered 404 in "),
        ("SSH-2.0-x\r\n", false, " does not speak HTTP: it sent \"SSH-2.0-x\""),
        ("HTTP/1.1 2000 OK\r\n", false, " does not speak HTTP: it sent \"HTTP/1.1 2000 OK\""),
    ]
    for (answer, isHealthy, words) in cases {
        let listener = try Listener(tcp: ())
        // Read after the thread that writes it has ended.
        nonisolated(unsafe) var request = ""
        let server = Server {
            guard let client = listener.accept() else { return }
            while !request.hasSuffix("\r\n\r\n"),
                let bytes = try? client.receive(until: .now() + .seconds(30)), !bytes.isEmpty
            {
                request += String(decoding: bytes, as: UTF8.self)
            }
            // In two parts: the first line may be broken anywhere.
            client.say(String(answer.prefix(7)))
            client.say(String(answer.dropFirst(7)))
        }
        let ready = DroverStatus.ReadyCheck.http(address: "0.0.0.0", port: listener.port, path: "/health")
        let verdict = try verdict(check, status(ready: ready), runState("running"))
        try server.join()
        #expect(verdict.isHealthy == isHealthy, "\(verdict)")
        #expect(
            verdict.line.hasPrefix("\(isHealthy ? "" : "not ")ready: 127.0.0.1:\(listener.port)\(words)"), "\(verdict)")
        #expect(request.hasPrefix("GET /health HTTP/1.1\r\nHost: 127.0.0.1:\(listener.port)\r\n"), "\(request)")
    }
}

/// The guest has powered itself off, and PID 1 waits: it is not to be restarted, nor used.
@Test func aGuestThatIsOffIsLiveAndNotReady() throws {
    let off = "the guest has powered itself off; boot it again: drover start"
    #expect(try verdict(live, status(.off)) == .yes("live: PID 1 answers; \(off)"))
    #expect(try verdict(check, status(.off)) == .no("not ready: \(off)"))
}
