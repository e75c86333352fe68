import Foundation
import Glibc
import JSON
import Linux
import QMP
import TestSupport
import Testing

@testable import Operator

@Test func theStatusIsReadAtAGlance() throws {
    let full = status(
        .stopping, ready: .auto(address: nil, port: 2222), agent: .answering,
        stop: .init(reason: "SIGTERM", rung: "rung 1 (guest agent)", seconds: 2.34), lastStop: "cut off\u{1b}[2J")
    #expect(
        full.text == """
            state:        stopping
            since:        2026-11-21T17:40:49Z
            accelerator:  tcg: there is no /dev/kvm
            QEMU:         7.2.22, pid 7
            guest resets: none
            forwards:     0.0.0.0:2222 -> guest port 22, tcp
            ready check:  auto: the agent when it answers, else bytes from the guest on 127.0.0.1:2222
            agent:        answering
            stop:         SIGTERM, 2.3 s ago; now at rung 1 (guest agent)
            last stop:    cut off[2J

            """)
    #expect(full.json.hasSuffix("}\n") && !full.json.hasSuffix("\n\n"))
    #expect(try DroverStatus(JSONParser.parse(Array(full.json.utf8))) == full)
}

// MARK: Stop

@Test func theEndOfAStopIsTold() throws {
    let clean = DroverEnd(exit: 0, reason: "stopped cleanly by rung 1 (guest agent) after 4.1 s")
    let cut = DroverEnd(exit: 124, reason: "the guest was cut off by rung 3 (QMP quit) after 80 s")
    let events = #"{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-shutdown"}}"# + "\r\n"
    for end in [clean, cut] {
        let (ours, servers) = try Descriptor.socketPair(nonBlocking: true)
        let client = QMPClient(ours, name: "q")
        let server = Server {
            guard servers.read(until: "drover-stop") != nil else { return }
            servers.say("{\"return\": {}, \"id\": 1}\r\n\(events)\(String(decoding: end.line, as: UTF8.self))")
            shutdown(servers.rawValue, Int32(SHUT_RDWR))
        }
        var line: String?
        let failed = failure {
            line = try StopRequest(force: false, timeout: nil).carryOut(client, budget: .seconds(5))
        }
        try server.join()
        #expect(line == (end == clean ? clean.reason : nil))
        #expect(failed == (end == clean ? nil : ClientFailure(.no, cut.reason)))
    }
}

@Test func aConnectionThatEndsWithoutAnEventIsNoStop() throws {
    let (ours, servers) = try Descriptor.socketPair(nonBlocking: true)
    let client = QMPClient(ours, name: "q")
    let server = Server {
        guard servers.read(until: "drover-stop") != nil else { return }
        servers.say("{\"return\": {}, \"id\": 1}\r\n")
        shutdown(servers.rawValue, Int32(SHUT_RDWR))
    }
    let failed = failure { _ = try StopRequest(force: false, timeout: nil).carryOut(client, budget: .seconds(5)) }
    try server.join()
    #expect(failed?.exit == .broken)
}

@Test func aStopIsAskedForAsTold() throws {
    let (client, server) = try client(hearing: [#"{"error": {"class": "GenericError", "desc": "no"}, "id": 1}"#])
    let request = StopRequest(force: true, timeout: 30)
    #expect(failure { _ = try request.carryOut(client, budget: .zero) } == ClientFailure(.no, "drover-stop: no"))
    let line = try #require(try sent(to: server).first)
    #expect(line.contains(#""force":true"#) && line.contains(#""timeout":30"#))

    let (waiting, other) = try OperatorTests.client(hearing: [negotiated, #"{"event": "POWERDOWN"}"#])
    // The wait of 30 s after the budget is taken off here.
    let failure = failure { _ = try request.carryOut(waiting, budget: .milliseconds(-29_980)) }
    #expect(failure?.exit == .deadline && failure?.message.hasPrefix("the run has not ended in ") == true)
    _ = other
}

// MARK: Screenshot

private let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2, 3]

@Test func aPictureIsTakenAndNothingStaysBehind() throws {
    let cases: [([UInt8]?, String, ClientFailure?)] = [
        (png, negotiated, nil),
        (
            Array("P6 720 400".utf8), negotiated,
            ClientFailure(.broken, "QEMU's picture is no PNG; this QEMU is older than 7.1")
        ),
        (
            png,
            #"{"error": {"class": "GenericError", "desc": "There is no console to take a screendump from"}, "id": 1}"#,
            ClientFailure(.no, "screendump: There is no console to take a screendump from")
        ),
    ]
    for (written, reply, expected) in cases {
        let folder = try TemporaryFolder()
        // What QEMU will write.
        let path = "\(folder.path)/screenshot-\(getpid()).png"
        if let written { try Descriptor.open(path, [.writeOnly, .create]).writeAll(written) }
        let (client, server) = try client(hearing: [reply])
        var image: [UInt8] = []
        let failure = failure { image = try Screenshot.take(client, directory: folder.path, until: soon()) }
        #expect(failure == expected)
        #expect(image == (expected == nil ? png : []))
        #expect(folder.contents.isEmpty)
        #expect(try sent(to: server).first?.contains("png") == true)
    }
}

@Test func aPictureReplacesAFileAndNothingElse() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.png"
    try Screenshot.write([1], to: path)
    try Screenshot.write(png, to: path)
    #expect(try readFile(path, limit: 100) == png)
    #expect(folder.contents == ["a.png"])
    try FileManager.default.createDirectory(atPath: "\(folder.path)/d.png", withIntermediateDirectories: false)
    #expect(failure { try Screenshot.write(png, to: "\(folder.path)/d.png") }?.exit == .usage)
    #expect(failure { try Screenshot.write(png, to: "\(folder.path)/no/a.png") }?.exit == .absent)
}

// MARK: Guest

@Test func theAgentIsAskedThroughPID1() throws {
    let done = (1...2).map { #"{"return": {}, "id": \#($0)}"# }
    let (client, server) = try client(hearing: done)
    let agent = GuestAgent(client)
    #expect(try agent.setPassword(of: "root", Array("pä$$".utf8)) == "the password of root is set\n")
    #expect(try agent.addKeys(["ssh-ed25519 A", "ssh-rsa B"], of: "me") == "2 keys are in me's authorized_keys\n")
    let lines = try sent(to: server)
    #expect(lines[0].contains(#""execute":"guest-set-user-password""#) && lines[0].contains(#""password":"cMOkJCQ=""#))
    #expect(lines[0].contains(#""crypted":false"#) && lines[0].contains(#""username":"root""#))
    #expect(lines[1].contains(#""keys":["ssh-ed25519 A","ssh-rsa B"]"#) && lines[1].contains(#""reset":false"#))
}

@Test func theAgentsWordsArePassedOn() throws {
    let refusal = #"{"error": {"class": "GenericError", "desc": "child has failed to set user password"}, "id": 1}"#
    let (client, server) = try client(hearing: [refusal])
    #expect(
        failure { _ = try GuestAgent(client).setPassword(of: "root", [65]) }
            == ClientFailure(.no, "guest-set-user-password: child has failed to set user password"))
    _ = server
    let info =
        #"{"return": {"version": "7.2.22", "supported_commands": [{"name": "guest-b", "enabled": false, "success-response": true}, {"name": "guest-a", "enabled": true}]}, "id": 1}"#
    let (other, otherServer) = try OperatorTests.client(hearing: [info])
    #expect(try GuestAgent(other).info() == "version: 7.2.22\ncommands:\n  guest-a\n  guest-b (switched off)\n")
    _ = otherServer
}

@Test func namesAndPasswordsThatWouldEndAFieldAreRefused() {
    for name in ["root", "agents", "jürgen", "a-b_c.d"] { #expect(failure { try GuestAgent.checkUser(name) } == nil) }
    for name in ["", "a:b", "a b", "a\nb", "../x", "\u{1b}[2J", String(repeating: "x", count: 257)] {
        #expect(failure { try GuestAgent.checkUser(name) }?.exit == .usage, "\(name)")
    }
    for password in ["", "a\nb", "a\rb", "a\0b", String(repeating: "x", count: 1025)] {
        #expect(failure { _ = try PasswordInput.checked(Array(password.utf8)) }?.exit == .usage)
    }
}

@Test func aPasswordFromAPipeIsOneLine() throws {
    for text in ["geheim", "geheim\n", "geheim\r\n"] {
        #expect(try PasswordInput.read(from: pipe(holding: text), prompt: { _ in }) == Array("geheim".utf8))
    }
    #expect(failure { _ = try PasswordInput.read(from: pipe(holding: "a\nb\n"), prompt: { _ in }) }?.exit == .usage)
    let long = try pipe(holding: String(repeating: "x", count: 2000))
    #expect(
        failure { _ = try PasswordInput.read(from: long, prompt: { _ in }) }?.message.contains("longer than 1024")
            == true)
}
