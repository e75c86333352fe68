import QMP
import Testing

private let query = #"{"execute":"query-status","id":0}"#

@Test func qemuHasSevenCommandsAtMostAndClientsTakeTurns() throws {
    let harness = QMPServerHarness()
    let clients = (0..<3).map { _ in harness.negotiatedClient() }
    for (index, client) in clients.enumerated() {
        for number in 0..<10 {
            harness.send(#"{"execute":"query-name","arguments":{"c\#(index)":\#(number)}}"#, from: client)
        }
    }
    // The first had QEMU for itself; then the places that come free go round.
    var order = harness.atQEMU
    #expect(order.count == 7)
    while !harness.atQEMU.isEmpty {
        let before = Set(harness.atQEMU)
        harness.qemuReplies()
        #expect(harness.atQEMU.count <= 7)
        order += harness.atQEMU.filter { !before.contains($0) }
    }
    #expect(order.count == 30)
    let owners = order.map { line in (0..<3).first { line.contains("\"c\($0)\"") } ?? -1 }
    #expect(owners.prefix(7) == [0, 0, 0, 0, 0, 0, 0])
    #expect(owners[7..<16] == [1, 2, 0, 1, 2, 0, 1, 2, 0])
    for client in clients { #expect(harness.lines(for: client).count == 10) }
}

@Test func aClientWithSixteenCommandsWaitingIsNotRead() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(String(repeating: query, count: 22), from: client)
    #expect(harness.server.wantsInput(from: client))
    harness.send(query + query, from: client)
    #expect(!harness.server.wantsInput(from: client))
    harness.qemuReplies()
    // The twenty-fourth was held back and takes the place.
    #expect(!harness.server.wantsInput(from: client))
    harness.qemuReplies()
    #expect(harness.server.wantsInput(from: client))
    while !harness.atQEMU.isEmpty { harness.qemuReplies() }
    #expect(harness.lines(for: client).count == 24)
}

@Test func whoHasMuchToReadGetsNothingMoreCarriedOut() throws {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(query, from: client)
    harness.qemuReplies(#""return": "\#(String(repeating: "x", count: 70_000))""#)
    harness.send(query, from: client)
    #expect(!harness.server.wantsInput(from: client) && harness.atQEMU.isEmpty)
    harness.perform(harness.server.wrote(10_000, to: client))
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
    harness.perform(harness.server.wrote(0, to: clients[0]))
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
    #expect(harness.server.connect(QMPServerHarness.peer).client == nil)
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

@Test func aCommandBeyondFourMebibytesDropsItsClient() {
    let harness = QMPServerHarness()
    let client = harness.negotiatedClient()
    harness.send(#"{"execute":""#, from: client)
    let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
    for _ in 0..<3 { harness.perform(harness.server.receive(chunk, from: client)) }
    #expect(harness.dropped.isEmpty)
    harness.perform(harness.server.receive(chunk, from: client))
    #expect(harness.dropped == [client: .commandIsTooLong])
    #expect(!harness.server.wantsInput(from: client))
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
    // QEMU still has seven to work off.
    #expect(harness.atQEMU.count == 7)
    harness.qemuReplies()
    #expect(harness.atQEMU.count == 7)
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
