import QMP
import Testing

private func error(_ desc: String, class: String = "GenericError", id: String? = nil) -> String {
    #"{"error": {"class": "\#(`class`)", "desc": "\#(desc)"}"# + (id.map { ", \"id\": \($0)" } ?? "") + "}"
}

@Test func aClientIsGreetedWithoutCapabilities() throws {
    let harness = QMPServerHarness()
    let client = harness.newClient()
    let greeting = QMPServerHarness.greeting.replacing(#"["oob"]"#, with: "[]")
    #expect(harness.lines(for: client) == [greeting])
}

@Test func whoConnectsBeforeQEMUGreetsIsGreetedThen() throws {
    let harness = QMPServerHarness()
    harness.perform(harness.server.qemuIsGone())
    let client = harness.newClient()
    // It speaks first, against the protocol; nothing is done before QEMU is there.
    harness.send(#"{"execute":"qmp_capabilities"}"#, from: client)
    #expect(harness.lines(for: client).isEmpty && !harness.server.wantsInput(from: client))
    for _ in 0..<2 { harness.greet() }
    #expect(harness.lines(for: client).count == 2 && harness.server.wantsInput(from: client))
}

@Test func negotiationIsEachClientsOwn() throws {
    let harness = QMPServerHarness()
    let client = harness.newClient()
    let other = harness.negotiatedClient()
    _ = harness.lines(for: client)
    let steps = [
        (
            #"{"execute":"query-status","id":1}"#,
            error("Expecting capabilities negotiation with 'qmp_capabilities'", class: "CommandNotFound", id: "1")
        ),
        (
            #"{"execute":"qmp_capabilities","arguments":{"enable":["oob"]},"id":2}"#,
            error("Capability 'oob' is not available", id: "2")
        ),
        (
            #"{"execute":"qmp_capabilities","arguments":{"enable":1}}"#,
            error("Invalid parameter type for 'enable', expected: array")
        ),
        (
            #"{"execute":"qmp_capabilities","arguments":{"x":1}}"#, error("Parameter 'x' is unexpected")
        ),
        (
            #"{"execute":"qmp_capabilities","arguments":{"enable":[]},"id":{"a" : 1.50}}"#,
            #"{"return": {}, "id": {"a" : 1.50}}"#
        ),
        (
            #"{"execute":"qmp_capabilities"}"#,
            error("Capabilities negotiation is already complete, command ignored", class: "CommandNotFound")
        ),
    ]
    for (sent, expected) in steps { #expect(harness.reply(to: sent, from: client) == expected) }
    #expect(harness.atQEMU.isEmpty && harness.audits.isEmpty)
    #expect(harness.lines(for: other).isEmpty)
}

/// What QEMU 7.2 answers to the same.
@Test(arguments: [
    (#"{"foo":1,"execute":"x","id":1}"#, error("QMP input member 'foo' is unexpected", id: "1")),
    (#"{"execute":1,"id":2}"#, error("QMP input member 'execute' must be a string", id: "2")),
    (#"{"id":3}"#, error("QMP input lacks member 'execute'", id: "3")),
    (
        #"{"execute":"query-status","arguments":[],"id":5}"#,
        error("QMP input member 'arguments' must be an object", id: "5")
    ),
    (#"{"exec-oob":"query-status","id":4}"#, error("QMP input member 'exec-oob' is unexpected", id: "4")),
    ("[]", error("QMP input must be a JSON object")),
    ("1\n", error("QMP input must be a JSON object")),
    ("nope\n", error("JSON parse error, invalid keyword")),
    ("}\n", error("JSON parse error, expecting value")),
    (#"{"execute":"stop","execute":"quit"}"#, error("JSON parse error, duplicate key")),
    (#"{"execute":"stop","\u0065xecute":"quit"}"#, error("JSON parse error, duplicate key")),
    (#"{"execute":"stop","arguments":{"a":{"b":1,"b":2}},"id":1}"#, error("JSON parse error, duplicate key")),
    (#"{"execute":"query-status","id":nope}"#, error("JSON parse error, invalid keyword 'nope'")),
    (#"{"execute":"query-status",}"#, error("JSON parse error, key is not a string in object")),
    (#"{"execute":"query-status"]"#, error("JSON parse error, expected separator in dict")),
])
func whatIsNoCommandIsAnsweredAndTheConnectionGoesOn(_ sent: String, _ expected: String) {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    #expect(harness.reply(to: sent, from: client) == expected)
    #expect(harness.atQEMU.isEmpty)
    harness.send("\n{\"execute\":\"query-status\"}", from: client)
    #expect(harness.atQEMU.count == 1)
}

@Test(arguments: [
    "1", "-0", "1.50", "123456789012345678901234567890", "1E+400", #""a""#, #""\u0000\"""#, "null", "true", "{}",
    #"{"b":1, "a" : [1 , 2.50]}"#, #"[[],"é"]"#,
])
func anIDComesBackByteForByte(_ id: String) throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send("{\"execute\": \"query-status\", \"arguments\": {\"x\": 1.50}, \"id\": \(id)}", from: client)
    #expect(
        harness.atQEMU.first?.hasPrefix(#"{"execute": "query-status", "arguments": {"x": 1.50}, "id": 42949"#) == true)
    harness.qemuReplies(#""return": {"running": true, "nested": {"id": 7}}"#)
    #expect(harness.lines(for: client) == [#"{"return": {"running": true, "nested": {"id": 7}}, "id": \#(id)}"#])
}

@Test func aCommandWithoutAnIDIsAnsweredWithoutOne() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(#"{"execute":"nope"}"#, from: client)
    harness.qemuReplies(#""error": {"class": "CommandNotFound", "desc": "no \"id\": 5"}"#)
    #expect(harness.lines(for: client) == [#"{"error": {"class": "CommandNotFound", "desc": "no \"id\": 5"}}"#])
}

@Test func commandsSplitOrJoinedAnywhereAreTheSame() {
    let stream = Array(
        """
        {"execute": "query-status", "id": 1}{'execute':'query-name',\r\n  'id': 'it\\'s "2"'}
        {
          "execute": "query-version",
          "arguments": {
          }
        }
        """.utf8)
    let expected = [
        #"{"execute": "query-status", "id": "#, #"{"execute": "query-name", "id": "#,
        #"{"execute": "query-version", "arguments": { }, "id": "#,
    ]
    for size in [1, 2, 3, 7, stream.count] {
        let harness = QMPServerHarness()
        let client = harness.negotiatedClient()
        for start in stride(from: 0, to: stream.count, by: size) {
            let chunk = stream[start..<min(start + size, stream.count)]
            harness.perform(harness.server.receive(chunk, from: client, at: harness.now))
        }
        #expect(zip(harness.atQEMU, expected).allSatisfy { $0.hasPrefix($1) } && harness.atQEMU.count == 3)
    }
}

@Test func repliesReachTheirOwnersAndEventsEverybody() throws {
    let harness = QMPServerHarness()
    let clients = (0..<5).map { _ in harness.negotiatedClient() }
    let silent = harness.newClient()
    _ = harness.lines(for: silent)
    for client in clients { harness.send(#"{"execute":"query-status","id":"\#(client)"}"#, from: client) }
    let event = #"{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "RESUME"}"#
    harness.qemuSends(event)
    while !harness.atQEMU.isEmpty { harness.qemuReplies() }
    for client in clients {
        #expect(harness.lines(for: client) == [event, #"{"return": {}, "id": "\#(client)"}"#])
    }
    #expect(harness.lines(for: silent).isEmpty)
}

@Test func aRequestIsAnsweredInItsTurn() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    for (id, name) in ["query-status", "drover-status", "nope", "quit"].enumerated() {
        harness.send(#"{"execute":"\#(name)","id":\#(id)}"#, from: client)
    }
    // The request waits for the reply before it, and what is behind it for its answer.
    #expect(harness.atQEMU.count == 1 && harness.requests.isEmpty)
    harness.qemuReplies()
    #expect(harness.requests.map(\.request) == [.status] && harness.atQEMU.isEmpty)
    harness.perform(harness.server.answer(harness.requests[0].ticket, .success(Array(#"{"state":"running"}"#.utf8))))
    #expect(harness.atQEMU.count == 2)
    #expect(harness.lines(for: client) == [#"{"return": {}, "id": 0}"#, #"{"return": {"state":"running"}, "id": 1}"#])
    // A second answer to it is nothing.
    harness.perform(harness.server.answer(harness.requests[0].ticket, .failure(desc: "no")))
    #expect(harness.lines(for: client).isEmpty)
}

@Test(
    arguments: [
        (#"{"execute":"drover-stop"}"#, .stop(force: false, timeout: nil, QMPServerHarness.peer)),
        (
            #"{"execute":"drover-stop","arguments":{"force":true,"timeout":5}}"#,
            .stop(force: true, timeout: 5, QMPServerHarness.peer)
        ),
        (
            #"{"execute":"drover-share-refresh","arguments":{"descriptor":5}}"#,
            .refreshShare(descriptor: 5, QMPServerHarness.peer)
        ),
        (
            #"{"execute":"drover-agent","arguments":{"execute":"guest-ping"}}"#,
            .agent(execute: "guest-ping", arguments: nil, timeout: 5)
        ),
        (
            #"{"execute":"drover-agent","arguments":{"timeout":300,"arguments":{"a": 1},"execute":"guest-exec"}}"#,
            .agent(execute: "guest-exec", arguments: Array(#"{"a": 1}"#.utf8), timeout: 300)
        ),
    ] as [(String, QMPServer.Request)])
func pid1sCommandsAreRead(_ line: String, _ expected: QMPServer.Request) {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(line, from: client)
    #expect(harness.requests.map(\.request) == [expected])
}

/// An operator's, who may not use device_add: what goes to QEMU has nothing of the client's but two numbers.
@Test(arguments: [
    (
        #"{"execute":"drover-usb-attach","arguments":{"device":"046D:c52b"},"id":7}"#,
        #"{"execute":"device_add","arguments":{"driver":"usb-host","vendorid":1133,"productid":50475,"id":"host-046d-c52b","bus":"usb.0"}, "id": "#
    ),
    (
        #"{"execute":"drover-usb-detach","arguments":{"device":"0001:ffff"},"id":7}"#,
        #"{"execute":"device_del","arguments":{"id":"host-0001-ffff"}, "id": "#
    ),
])
func aUSBDeviceIsAttachedByItsNumbersAlone(_ line: String, _ expected: String) {
    let harness = QMPServerHarness(.operator)
    let client = harness.negotiatedClient()
    harness.send(line, from: client)
    #expect(harness.atQEMU.count == 1 && harness.atQEMU.first?.hasPrefix(expected) == true, "\(harness.atQEMU)")
    harness.qemuReplies()
    #expect(harness.lines(for: client) == [#"{"return": {}, "id": 7}"#])
    #expect(harness.audits.count == 1)
}

private let notADevice = error("Parameter 'device' expects VENDOR:PRODUCT, such as 046d:c52b")

@Test(arguments: [
    (#"{"execute":"drover-usb-attach"}"#, error("Parameter 'device' is missing")),
    (
        #"{"execute":"drover-usb-attach","arguments":{"device":"046d:c52b","hostbus":1}}"#,
        error("Parameter 'hostbus' is unexpected")
    ),
    // 0 is any device to QEMU.
    (#"{"execute":"drover-usb-attach","arguments":{"device":"0000:0000"}}"#, notADevice),
    (#"{"execute":"drover-usb-attach","arguments":{"device":"046d:0000"}}"#, notADevice),
    (#"{"execute":"drover-usb-attach","arguments":{"device":"46d:c52b"}}"#, notADevice),
    (#"{"execute":"drover-usb-attach","arguments":{"device":"046d:c52b:"}}"#, notADevice),
    (#"{"execute":"drover-usb-attach","arguments":{"device":"+46d:c52b"}}"#, notADevice),
    (#"{"execute":"drover-usb-attach","arguments":{"device":1133}}"#, notADevice),
    // No other device than one it has attached.
    (#"{"execute":"drover-usb-detach","arguments":{"device":"drive0"}}"#, notADevice),
    (#"{"execute":"drover-usb-detach","arguments":{"id":"nic0"}}"#, error("Parameter 'id' is unexpected")),
    (#"{"execute":"drover-status","arguments":{"x":1}}"#, error("Parameter 'x' is unexpected")),
    (
        #"{"execute":"drover-backup-test","arguments":{"timeout":9}}"#,
        error("Parameter 'timeout' expects 10 to 86400 seconds")
    ),
    (
        #"{"execute":"drover-backup-test","arguments":{"id":""}}"#,
        error("Parameter 'id' expects a backup's name, such as 20261127T093000Z")
    ),
    (#"{"execute":"drover-stop","arguments":{"timeout":4}}"#, error("Parameter 'timeout' expects 5 to 3600 seconds")),
    (
        #"{"execute":"drover-stop","arguments":{"timeout":5.5}}"#,
        error("Invalid parameter type for 'timeout', expected: integer")
    ),
    (
        #"{"execute":"drover-stop","arguments":{"force":1}}"#,
        error("Invalid parameter type for 'force', expected: boolean")
    ),
    (#"{"execute":"drover-agent"}"#, error("Parameter 'execute' is missing")),
    (
        // The agent's parser would take this for three commands.
        #"{"execute":"drover-agent","arguments":{"execute":"guest-get-time\"}{\"execute\":\"guest-exec\"}{\"x\":\"y"}}"#,
        error("Invalid parameter type for 'execute', expected: name of a command")
    ),
    (
        #"{"execute":"drover-agent","arguments":{"execute":"guest-sync-delimited","arguments":{"id":1}}}"#,
        error("PID 1 synchronises with the agent itself")
    ),
    (
        #"{"execute":"drover-agent","arguments":{"execute":"guest-ping","arguments":[]}}"#,
        error("Invalid parameter type for 'arguments', expected: object")
    ),
])
func wrongArgumentsOfPID1sCommandsAreAnswered(_ line: String, _ expected: String) {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    #expect(harness.reply(to: line, from: client) == expected)
    #expect(harness.requests.isEmpty)
}

@Test func aChildsChannelCanDoNoMoreThanItsLevel() throws {
    let harness = QMPServerHarness(.full)
    let child = harness.server.connectChild("metrics", QMPServerHarness.peer, level: .readOnly, at: harness.now)
    #expect(harness.reply(to: #"{"execute":"qmp_capabilities"}"#, from: child).contains(#"{"return": {}}"#))
    for command in ["system_reset", "quit", "drover-stop", "device_add", "nobody-knows-this"] {
        let refused = error("\(command) is not permitted on this channel, which is read-only")
        #expect(harness.reply(to: #"{"execute":"\#(command)"}"#, from: child) == refused)
    }
    let monitor = #"{"execute":"human-monitor-command","arguments":{"command-line":"system_reset"}}"#
    #expect(harness.reply(to: monitor, from: child).contains("not permitted on this channel"))
    #expect(harness.atQEMU.isEmpty)
    harness.send(#"{"execute":"query-status"}"#, from: child)
    #expect(harness.sentFirst.count == 1)
}

@Test func aChannelsLevelIsItsOwn() throws {
    let harness = QMPServerHarness(.readOnly)
    let child = harness.server.connectChild("backup", QMPServerHarness.peer, level: .operator, at: harness.now)
    _ = harness.reply(to: #"{"execute":"qmp_capabilities"}"#, from: child)
    harness.send(#"{"execute":"system_reset"}"#, from: child)
    #expect(harness.atQEMU.count == 1)
    // It is PID 1's own program, whose own lines tell what it does.
    #expect(harness.audits == [])
    harness.qemuReplies()
    _ = harness.lines(for: child)
    let refused = error("quit is not permitted on this channel, which is operator")
    #expect(harness.reply(to: #"{"execute":"quit"}"#, from: child) == refused)
}

@Test func aChildsPlaceCannotBeTakenByClients() throws {
    let harness = QMPServerHarness()
    let child = harness.server.connectChild("metrics", QMPServerHarness.peer, level: .readOnly, at: harness.now)
    let clients = (0..<QMPServer.maximumClients).map { _ in harness.negotiatedClient() }
    _ = harness.newClient()
    #expect(harness.dropped == [clients[0]: .madeRoom])
    _ = harness.reply(to: #"{"execute":"qmp_capabilities"}"#, from: child)
    harness.send(#"{"execute":"query-status"}"#, from: child)
    #expect(harness.sentFirst.count == 1)
}
