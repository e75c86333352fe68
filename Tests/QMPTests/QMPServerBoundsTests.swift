import Linux
import QMP
import Testing

private let query = #"{"execute":"query-status","id":0}"#

@Test func qemuHasEightCommandsAtMostAndClientsTakeTurns() throws {
    let harness = QMPServerHarness()
    let clients = (0..<3).map { _ in harness.negotiatedClient() }
    for (index, client) in clients.enumerated() {
        for number in 0..<10 {
            harness.send(#"{"execute":"query-name","arguments":{"c\#(index)":\#(number)}}"#, from: client)
        }
    }
    // The first had QEMU for itself; then the places that come free go round.
    var order = harness.atQEMU
    #expect(order.count == 8)
    while !harness.atQEMU.isEmpty {
        let before = Set(harness.atQEMU)
        harness.qemuReplies()
        #expect(harness.atQEMU.count <= 8)
        order += harness.atQEMU.filter { !before.contains($0) }
    }
    #expect(order.count == 30)
    let owners = order.map { line in (0..<3).first { line.contains("\"c\($0)\"") } ?? -1 }
    #expect(owners.prefix(8).allSatisfy { $0 == 0 })
    #expect(owners[8..<14] == [1, 2, 0, 1, 2, 0])
    for client in clients { #expect(harness.lines(for: client).count == 10) }
}

@Test func aClientWithSixteenCommandsWaitingIsNotRead() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(String(repeating: query, count: 23), from: client)
    #expect(harness.server.wantsInput(from: client))
    harness.send(query + query, from: client)
    #expect(!harness.server.wantsInput(from: client))
    harness.qemuReplies()
    // The twenty-fifth was held back and takes the place.
    #expect(!harness.server.wantsInput(from: client))
    harness.qemuReplies()
    #expect(harness.server.wantsInput(from: client))
    while !harness.atQEMU.isEmpty { harness.qemuReplies() }
    #expect(harness.lines(for: client).count == 25)
}

@Test func whoHasMuchToReadGetsNothingMoreCarriedOut() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(query, from: client)
    harness.qemuReplies(#""return": "\#(String(repeating: "x", count: 70_000))""#)
    harness.send(query, from: client)
    #expect(!harness.server.wantsInput(from: client) && harness.atQEMU.isEmpty)
    harness.perform(harness.server.wrote(10_000, to: client, at: harness.now))
    #expect(harness.server.wantsInput(from: client) && harness.atQEMU.count == 1)
}

@Test func whoDoesNotReadIsDropped() throws {
    let harness = QMPServerHarness()
    let (idle, reader) = (harness.negotiatedClient(), harness.negotiatedClient())
    let event = #"{"event": "X", "data": "\#(String(repeating: "x", count: 100_000))"}"#
    for _ in 0..<167 {
        harness.qemuSends(event)
        #expect(harness.lines(for: reader) == [event])
    }
    #expect(harness.dropped.isEmpty)
    harness.qemuSends(event)
    #expect(harness.dropped == [idle: .doesNotRead])
    #expect(harness.server.clientsWithOutput == [reader])
}

@Test func allTogetherHoldNoMoreThanTheirBound() throws {
    let harness = QMPServerHarness()
    let clients = (0..<32).map { _ in harness.negotiatedClient() }
    let event = #"{"event": "X", "data": "\#(String(repeating: "x", count: 1_000_000))"}"#
    harness.qemuSends(event)
    #expect(harness.dropped.isEmpty)
    harness.qemuSends(event)
    #expect(harness.dropped.count == 16)
    let held = clients.reduce(0) { $0 + harness.server.output(for: $1).bytes.count }
    #expect(held <= 32 << 20)
    _ = harness.newClient()
}

@Test func aFullHouseMakesRoomForOneMoreByTheOneThatWasIdleLongest() {
    let harness = QMPServerHarness()
    let clients = (0..<32).map { _ in harness.negotiatedClient() }
    harness.send(query, from: clients[0])
    let another = harness.negotiatedClient()
    #expect(harness.dropped.keys.map { $0 } == [clients[1]])
    // Those that are at work stay, and when all are, the next is turned away.
    for client in clients[2...] { harness.send(query, from: client) }
    _ = harness.newClient()
    #expect(harness.dropped.count == 2 && harness.dropped[another] != nil)
    #expect(harness.server.connect(QMPServerHarness.peer, isOwnProgram: false, at: harness.now).client == nil)
}

@Test func aReplyOfMoreThanFourMebibytesIsAnErrorOfThatCommandAlone() {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(query, from: client)
    harness.send(query, from: client)
    harness.qemuReplies(#""return": "\#(String(repeating: "x", count: 5 << 20))""#)
    harness.qemuReplies()
    let error = #"{"class": "GenericError", "desc": "the reply is longer than drover passes on (4 MiB)"}"#
    #expect(harness.lines(for: client) == [#"{"error": \#(error), "id": 0}"#, #"{"return": {}, "id": 0}"#])
    #expect(harness.strays.isEmpty)
}

/// However long it is, nothing of it but its name and its id is needed to answer it.
@Test(arguments: [
    (#"{"execute":"query-name","arguments":{"x":""#, #""},"id":{"a":[1, 2]}}"#, #", "id": {"a":[1, 2]}"#, "query-name"),
    (#"{"id":"first","execute":"query-name","x":""#, #""}"#, #", "id": "first""#, "query-name"),
    (#"{"execute":"query-name","id":""#, #""}"#, "", "query-name"),
    (#"{'id':1,'execute':'nope','x':[[[["#, "]]]]}", #", "id": 1"#, "nope"),
]) func aCommandBeyondSixtyFourKibibytesIsAnErrorOfItsOwn(
    _ beginning: String, _ end: String, _ id: String, _ name: String
) {
    for length in [65_536, 5 << 20] {
        let harness = QMPServerHarness()
        let client = harness.negotiatedClient()
        harness.send(query + beginning, from: client)
        var left = length
        while left > 0 {
            let chunk = min(left, 65_536)
            harness.send(String(repeating: "1", count: chunk), from: client)
            left -= chunk
        }
        harness.send(end + query, from: client)
        while !harness.atQEMU.isEmpty { harness.qemuReplies() }
        let desc = "the command \(name) is longer than drover passes on (64 KiB)"
        let error = #"{"error": {"class": "GenericError", "desc": "\#(desc)"}\#(id)}"#
        let reply = #"{"return": {}, "id": 0}"#
        #expect(harness.lines(for: client) == [reply, error, reply])
        #expect(harness.dropped.isEmpty)
    }
}

@Test func whatGrowsByItsQuotesIsBoundedToo() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    let quotes = String(repeating: "\"", count: 40_000)
    harness.send("{'execute':'query-name','arguments':{'x':'\(quotes)'},'id':7}", from: client)
    #expect(harness.atQEMU.isEmpty)
    let reply = try #require(harness.lines(for: client).last)
    #expect(reply.contains("is longer than drover passes on") && reply.hasSuffix(#""id": 7}"#))
}

@Test func qemuHasFewBytesToReadAtATime() {
    let harness = QMPServerHarness()
    let clients = (0..<3).map { _ in harness.negotiatedClient() }
    let large = #"{"execute":"query-name","arguments":{"x":"\#(String(repeating: "x", count: 60_000))"}}"#
    for client in clients {
        for _ in 0..<4 { harness.send(large, from: client) }
    }
    harness.send(query, from: clients[0])
    var order: [Int] = []
    while !harness.atQEMU.isEmpty {
        #expect(harness.atQEMU.reduce(0) { $0 + $1.utf8.count } < 128 << 10)
        harness.qemuReplies()
        order += clients.indices.filter { !harness.lines(for: clients[$0]).isEmpty }
    }
    #expect(order == [0, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
}

@Test func whoHasWhatWaitsAndTakesNothingForTenSecondsIsDropped() {
    let harness = QMPServerHarness()
    let (stuck, slow, idle) = (harness.negotiatedClient(), harness.negotiatedClient(), harness.negotiatedClient())
    for client in [stuck, slow] {
        harness.send(query, from: client)
        harness.qemuReplies(#""return": "\#(String(repeating: "x", count: 100_000))""#)
        harness.perform(harness.server.wrote(10_000, to: client, at: harness.now))
    }
    #expect(harness.server.deadline == harness.now + .seconds(10))
    for _ in 0..<3 {
        harness.wait(.seconds(3))
        harness.perform(harness.server.wrote(0, to: stuck, at: harness.now))
        harness.perform(harness.server.wrote(1000, to: slow, at: harness.now))
    }
    #expect(harness.dropped.isEmpty)
    harness.wait(.seconds(1))
    #expect(harness.dropped == [stuck: .doesNotRead])
    _ = harness.lines(for: slow)
    #expect(harness.server.deadline == nil)
    harness.wait(.seconds(3600))
    #expect(harness.dropped.count == 1 && harness.server.isIdle(idle))
}

@Test func whoHasNeverSaidAnythingLeavesFirst() {
    let harness = QMPServerHarness()
    let monitor = harness.negotiatedClient()
    harness.wait(.seconds(1))
    let silent = (1..<32).map { _ in harness.newClient() }
    for client in silent { _ = harness.lines(for: client) }
    harness.wait(.seconds(1))
    // Room is made only when there is none.
    #expect(harness.dropped.isEmpty)
    for count in 1...31 {
        _ = harness.negotiatedClient()
        #expect(harness.dropped.count == count && harness.dropped[silent[count - 1]] == .madeRoom)
    }
    _ = harness.negotiatedClient()
    #expect(harness.dropped[monitor] == .madeRoom)
}

@Test func whoHasBeenWaitingForLongMayBeDisplaced() {
    let harness = QMPServerHarness()
    let clients = (0..<32).map { _ in harness.negotiatedClient() }
    for client in clients {
        harness.send(#"{"execute":"drover-agent","arguments":{"execute":"guest-ping","timeout":300}}"#, from: client)
    }
    harness.wait(.seconds(9))
    #expect(harness.server.connect(QMPServerHarness.peer, isOwnProgram: false, at: harness.now).client == nil)
    harness.wait(.seconds(1))
    _ = harness.negotiatedClient()
    #expect(harness.dropped == [clients[0]: .madeRoom])
}

@Test func ourOwnProgramHasPlacesOfItsOwnAndItsTurnFirst() {
    let harness = QMPServerHarness(.readOnly)
    let others = (0..<32).map { _ in harness.negotiatedClient() }
    for other in others {
        for _ in 0..<20 { harness.send(#"{"execute":"query-block"}"#, from: other) }
    }
    let own = (0..<8).map { _ in harness.negotiatedClient(isOwnProgram: true) }
    #expect(harness.dropped.isEmpty && harness.atQEMU.count == 8)
    // Whether QEMU is well is asked past all that waits; four at a time, lest QEMU is not.
    for client in own { harness.send(query, from: client) }
    #expect(harness.sentFirst.count == 4 && harness.atQEMU.count == 8)
    // All else takes the place that comes free next.
    harness.send(#"{"execute":"query-version"}"#, from: own[7])
    harness.send(#"{"execute":"query-version"}"#, from: own[0])
    harness.qemuReplies()
    #expect(harness.atQEMU.last?.contains("query-version") == true)
    // A ninth is one of the others, who are all at work.
    #expect(harness.server.connect(QMPServerHarness.peer, isOwnProgram: true, at: harness.now).client == nil)
    while !harness.atQEMU.isEmpty || !harness.sentFirst.isEmpty {
        harness.qemuReplies()
        for client in others { _ = harness.lines(for: client) }
    }
    #expect(own.map { harness.lines(for: $0).count } == [2, 1, 1, 1, 1, 1, 1, 2])
}

@Test(arguments: ["query-status", "query-block"]) func othersHaveNoWayPastTheRest(_ name: String) {
    let harness = QMPServerHarness()
    let (other, own) = (harness.negotiatedClient(), harness.negotiatedClient(isOwnProgram: true))
    harness.send(#"{"execute":"\#(name)"}"#, from: other)
    harness.send(#"{"execute":"query-block"}"#, from: own)
    harness.send(#"{"execute":"query-status","arguments":{"x":1}}"#, from: own)
    #expect(harness.sentFirst.isEmpty && harness.atQEMU.count == 3)
}

@Test func aReplyOfThreeMebibytesIsPassedOn() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(query, from: client)
    let value = String(repeating: #"x\\\""#, count: 600_000)
    harness.qemuReplies(#""return": "\#(value)""#)
    #expect(harness.lines(for: client) == [#"{"return": "\#(value)", "id": 0}"#])
}

@Test func whoLeavesFreesItsPlacesWhenQEMUHasReplied() throws {
    let harness = QMPServerHarness()
    let (leaver, stayer) = (harness.negotiatedClient(), harness.negotiatedClient())
    for _ in 0..<9 { harness.send(query, from: leaver) }
    harness.send(query, from: stayer)
    harness.perform(harness.server.disconnected(leaver))
    // QEMU still has eight to work off.
    #expect(harness.atQEMU.count == 8)
    harness.qemuReplies()
    #expect(harness.atQEMU.count == 8)
    while !harness.atQEMU.isEmpty { harness.qemuReplies() }
    #expect(harness.lines(for: stayer) == [#"{"return": {}, "id": 0}"#])
    #expect(harness.strays.isEmpty && harness.dropped.isEmpty)
}

@Test func whenQEMUGoesSoDoItsClientsAndTheNextOneStartsAfresh() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(query, from: client)
    let line = try #require(harness.atQEMU.first)
    harness.perform(harness.server.qemuIsGone())
    #expect(harness.dropped == [client: .qemuHasGone])
    harness.greet()
    let next = harness.negotiatedClient()
    // A late reply of the old one finds nobody.
    harness.qemuSends(#"{"return": {}, "id": \#(QMPServerHarness.id(of: line))}"#)
    #expect(harness.strays == ["a reply to no command"])
    #expect(harness.lines(for: next).isEmpty && harness.lines(for: client).isEmpty)
}

@Test(arguments: [
    #"{"return": {}, "id": 4294967999}"#, #"{"return": {}, "id": "x"}"#,
    #"{"error": {"class": "GenericError", "desc": "JSON parse error"}}"#,
    "{", "nonsense", #"{"id": 4294967296}"#,
])
func whatQEMUSaysToNobodyIsStrayAndHarmsNoClient(_ line: String) throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(query, from: client)
    harness.qemuSends(line)
    #expect(harness.strays.count == 1)
    #expect(harness.lines(for: client).isEmpty)
    harness.qemuReplies()
    #expect(harness.lines(for: client) == [#"{"return": {}, "id": 0}"#])
}
