import Linux
import Testing

@testable import QMP
@testable import Supervision

/// The client of a guest agent in simulated time, with what a guest may do to it.
struct AgentClientTests {
    private static let start = Instant(nanoseconds: 1_000_000_000_000)

    /// A client, the time, and what it did.
    private struct Conversation {
        var client: AgentClient
        var now = AgentClientTests.start
        private(set) var sent: [String] = []
        private(set) var answers: [String] = []
        private(set) var messages: [String] = []

        /// The guest runs.
        init(_ client: AgentClient = AgentClient()) {
            self.client = client
            carryOut(self.client.guestStarted(at: now))
        }

        mutating func carryOut(_ actions: [AgentClient.Action]) {
            for action in actions {
                switch action {
                case .send(let bytes, let port, let isProbe):
                    let text = String(decoding: bytes.filter { $0 != 0xff }.dropLast(), as: UTF8.self)
                    sent.append((port == .channel ? "channel " : "") + (isProbe ? "probe " : "") + text)
                case .answer(let ticket, .success(let json)):
                    answers.append("\(ticket.serial): \(String(decoding: json, as: UTF8.self))")
                case .answer(let ticket, .failure(let name, let reason)):
                    answers.append("\(ticket.serial): \(name): \(reason)")
                case .log(let level, let message): messages.append("\(level): \(message)")
                case .appeared: answers.append("appeared")
                case .shutdownFailed(let reason): answers.append("shutdown: \(reason)")
                }
            }
        }

        /// Lets time pass; deadlines on the way are met.
        mutating func wait(_ seconds: Double) {
            let end = now + .milliseconds(Int64(seconds * 1000))
            while let deadline = client.nextDeadline, deadline <= end {
                now = max(now, deadline)
                carryOut(client.deadlineReached(at: now))
            }
            now = end
        }

        mutating func receive(_ bytes: [UInt8], from port: AgentClient.Port = .serial) {
            let actions = bytes.withUnsafeBytes { client.receive($0, from: port, at: now) }
            carryOut(actions)
        }

        mutating func answerSync(_ id: Int, from port: AgentClient.Port = .serial) {
            receive([0xff] + Array("{\"return\": \(id)}\n".utf8), from: port)
        }

        mutating func announce() { receive([0xff] + AgentRequest.announcement + [10]) }

        mutating func receive(_ text: String, from port: AgentClient.Port = .serial) {
            receive(Array(text.utf8), from: port)
        }

        mutating func request(_ serial: Int, timeout: Int = 5) {
            let ticket = QMPServer.Ticket(client: QMPServer.ClientID(serial: 1), serial: serial)
            carryOut(
                client.request(
                    AgentRequest(ticket, execute: "guest-\(serial)", arguments: nil, timeout: .seconds(timeout)),
                    at: now))
        }

        mutating func ping(_ serial: Int, timeout: Int) {
            let ticket = QMPServer.Ticket(client: QMPServer.ClientID(serial: 1), serial: serial)
            carryOut(
                client.request(
                    AgentRequest(ticket, execute: "guest-ping", arguments: nil, timeout: .seconds(timeout)), at: now))
        }

        /// The agent says that it listens and answers the first probe, whose id is 1.
        static func inSync() -> Conversation {
            var conversation = Conversation()
            conversation.announce()
            conversation.answerSync(1)
            return conversation
        }
    }

    private static func sync(_ id: Int) -> String {
        #"probe {"execute":"guest-sync-delimited","arguments":{"id":\#(id)}}"#
    }

    @Test func anAgentThatSaysSoIsFoundAndPinged() {
        var conversation = Conversation.inSync()
        #expect(conversation.client.isAnswering)
        #expect(conversation.sent == [Self.sync(1)])
        conversation.wait(10)
        #expect(conversation.sent.last == #"{"execute":"guest-ping"}"#)
        conversation.receive("{\"return\": {}}\n")
        #expect(conversation.messages == ["info: the guest agent answers"])
    }

    /// A boot loader takes the first letter for a command, a login the line for a name.
    @Test(arguments: ["", "login: ", "grub> ", "Shell> \u{1b}[2J", #"{"drover-agent": "listens"}"# + "\n"])
    func nothingIsTypedToWhoeverHasNotShownThatHeIsAnAgent(_ text: String) {
        var conversation = Conversation()
        for _ in 0..<10 {
            conversation.receive(text)
            conversation.wait(10)
        }
        #expect(conversation.sent.isEmpty && conversation.messages.isEmpty)
        #expect(conversation.client.nextDeadline == nil, "nothing is waited for")
    }

    @Test func theOwnerMayHaveTheSerialPortAskedAllTheTime() {
        var conversation = Conversation(AgentClient(asksSerialAlways: true))
        conversation.wait(100)
        #expect(conversation.sent == [String](repeating: Self.sync(1), count: 10))
        #expect(conversation.messages.isEmpty)
        // The same question, so that every answer counts, however late.
        conversation.answerSync(1)
        for _ in 1..<10 { conversation.answerSync(1) }
        #expect(conversation.messages == ["info: the guest agent answers"])
    }

    @Test func anOperatorMayAskWhoeverIsThere() {
        var conversation = Conversation()
        conversation.request(1)
        #expect(conversation.sent == ["channel \(Self.sync(1))", Self.sync(1)])
        conversation.wait(100)
        #expect(conversation.sent.count == 2, "once")
        conversation.request(2)
        conversation.answerSync(1)
        conversation.receive("{\"return\": {}}\n")
        #expect(conversation.answers.last == "2: {}")
        // It has shown itself, and is asked from now on.
        conversation.wait(60)
        #expect(conversation.sent.count(where: { $0 == Self.sync(2) }) > 3)
    }

    @Test func theAnnouncementIsFoundInAnythingAndInPiecesOfAnySize() {
        let line = [0xff] + AgentRequest.announcement + [10]
        let stream = Array("grub> \u{1b}[m".utf8) + [0xff, 0xff] + Array("x\n".utf8) + line + Array("noise".utf8)
        for size in 1...stream.count {
            var conversation = Conversation()
            for start in stride(from: 0, to: stream.count, by: size) {
                conversation.receive(Array(stream[start..<min(start + size, stream.count)]))
            }
            #expect(conversation.sent == [Self.sync(1)], "pieces of \(size)")
        }
    }

    @Test func announcementsByTheThousandCostOneProbeASecond() {
        var conversation = Conversation()
        for _ in 0..<1000 { conversation.announce() }
        #expect(conversation.sent.count == 1)
        conversation.wait(1)
        for _ in 0..<1000 { conversation.announce() }
        #expect(conversation.sent.count == 2)
    }

    @Test func anAgentThatWasStartedAnewIsAskedAnew() {
        var conversation = Conversation.inSync()
        conversation.request(1, timeout: 100)
        conversation.announce()
        #expect(conversation.answers == ["1: GenericError: the guest agent was started anew"])
        #expect(conversation.sent.last == Self.sync(2))
        conversation.answerSync(2)
        conversation.request(2)
        conversation.receive("{\"return\": {}}\n")
        #expect(conversation.answers.last == "2: {}")
        #expect(conversation.messages == ["info: the guest agent answers"])
    }

    // MARK: The virtio port

    @Test func whoeverOpensTheChannelIsAskedAtOnceAndGoneWhenItCloses() {
        var conversation = Conversation()
        conversation.carryOut(conversation.client.channelChanged(isOpen: true, at: conversation.now))
        #expect(conversation.sent == ["channel \(Self.sync(1))"])
        conversation.answerSync(1, from: .channel)
        conversation.request(1, timeout: 100)
        #expect(conversation.sent.last == #"channel {"execute":"guest-1"}"#)
        conversation.carryOut(conversation.client.channelChanged(isOpen: false, at: conversation.now))
        #expect(conversation.answers == ["1: GenericError: the guest agent has gone"])
        #expect(conversation.messages == ["info: the guest agent answers", "info: the guest agent has gone"])
        conversation.wait(100)
        #expect(conversation.sent.count == 2, "nobody is there to be asked")
    }

    @Test func onePortIsUsedAtATime() {
        var conversation = Conversation.inSync()
        conversation.carryOut(conversation.client.channelChanged(isOpen: true, at: conversation.now))
        conversation.receive("noise\n", from: .channel)
        conversation.request(1)
        #expect(conversation.sent == [Self.sync(1), #"{"execute":"guest-1"}"#])
        // When it falls silent, the other is asked too.
        conversation.wait(5)
        #expect(conversation.sent.suffix(2) == ["channel \(Self.sync(2))", Self.sync(2)])
        conversation.answerSync(2, from: .channel)
        conversation.request(2)
        #expect(conversation.sent.last == #"channel {"execute":"guest-2"}"#)
        conversation.answerSync(2)
        conversation.receive("{\"return\": 1}\n", from: .serial)
        conversation.receive("{\"return\": 2}\n", from: .channel)
        #expect(conversation.answers.last == "2: 2")
    }

    @Test func aShuttingDownGuestClosesTheChannelAndThatIsNoFailure() {
        var conversation = Conversation()
        conversation.carryOut(conversation.client.channelChanged(isOpen: true, at: conversation.now))
        conversation.answerSync(1, from: .channel)
        conversation.carryOut(conversation.client.shutDown(at: conversation.now))
        conversation.carryOut(conversation.client.channelChanged(isOpen: false, at: conversation.now))
        #expect(conversation.answers.isEmpty && conversation.messages.count == 1)
    }

    // MARK: Stopping

    @Test func aStopAsksEverybodyOnceAndThoseWhoHaveShownThemselvesEachSecond() {
        var conversation = Conversation()
        conversation.carryOut(conversation.client.seek(at: conversation.now))
        #expect(conversation.sent == ["channel \(Self.sync(1))", Self.sync(1)])
        conversation.wait(10)
        #expect(conversation.sent.count == 2)
        conversation.announce()
        conversation.wait(5)
        #expect(conversation.sent.count == 8)
        #expect(conversation.answers.isEmpty)
        conversation.answerSync(1)
        #expect(conversation.answers == ["appeared"])
        conversation.carryOut(conversation.client.shutDown(at: conversation.now))
        for _ in 0..<7 { conversation.answerSync(1) }
        conversation.announce()
        conversation.wait(100)
        #expect(conversation.answers == ["appeared"] && conversation.sent.count == 9)
    }

    // MARK: Synchronisation

    @Test func aReplyIsFoundInAnythingAndInPiecesOfAnySize() {
        let noise = Array("com1> {\"return\": 1}\n\u{ff}{\"error\": {}}\r\nlogin: ".utf8) + [0xff, 0xff]
        let stream = noise + Array("{\"return\": 7}\n".utf8) + [0xff] + Array("{\"return\": 1}\n".utf8)
        for size in 1...stream.count {
            var conversation = Conversation()
            conversation.announce()
            for start in stride(from: 0, to: stream.count, by: size) {
                #expect(!conversation.client.isAnswering)
                conversation.receive(Array(stream[start..<min(start + size, stream.count)]))
            }
            #expect(conversation.client.isAnswering, "pieces of \(size)")
        }
    }

    @Test func anEchoIsNoAnswer() {
        var conversation = Conversation()
        conversation.announce()
        conversation.receive(AgentRequest.sync(id: 1))
        #expect(!conversation.client.isAnswering)
    }

    @Test func commandsAreCarriedOutOneAtATime() {
        var conversation = Conversation.inSync()
        conversation.request(1)
        conversation.request(2)
        #expect(conversation.sent.dropFirst() == [#"{"execute":"guest-1"}"#])
        conversation.receive("{\"return\": {\"a\": 1.50}}\n")
        #expect(conversation.sent.last == #"{"execute":"guest-2"}"#)
        conversation.receive("{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"no such thing\"}}\n")
        #expect(conversation.answers == ["1: {\"a\": 1.50}", "2: CommandNotFound: no such thing"])
    }

    @Test func anAnswerThatComesTooLateIsNotTheNextOnes() {
        var conversation = Conversation.inSync()
        conversation.request(1)
        conversation.request(2, timeout: 60)
        conversation.wait(5)
        #expect(conversation.answers == ["1: GenericError: the guest agent does not answer"])
        #expect(conversation.sent.last == Self.sync(2))
        conversation.receive("{\"return\": \"of the first\"}\n")
        conversation.receive([0xff] + Array("{\"return\": 2}\n{\"return\": \"of the second\"}\n".utf8))
        #expect(conversation.answers.last == "2: \"of the second\"")
        #expect(conversation.client.isAnswering)
    }

    @Test func anAgentThatFallsSilentIsToldOnceAndFoundAgain() {
        var conversation = Conversation.inSync()
        conversation.wait(60)
        #expect(!conversation.client.isAnswering)
        #expect(conversation.sent.last == Self.sync(2))
        conversation.answerSync(2)
        #expect(
            conversation.messages == [
                "info: the guest agent answers", "info: the guest agent does not answer any more",
                "info: the guest agent answers",
            ])
    }

    @Test(arguments: [
        "login: \n", "{\"return\": {}}\n", "{\"foo\": 1}\n", "[]\n", String(repeating: "x", count: (1 << 20) + 1),
    ]) func garbageCostsOneLogLine(_ garbage: String) {
        var conversation = Conversation.inSync()
        for _ in 0..<100 { conversation.receive(garbage) }
        #expect(!conversation.client.isAnswering)
        #expect(conversation.messages.count(where: { $0.hasPrefix("warning") }) == 1)
        #expect(conversation.sent.count == 1, "nothing is sent before the next probe is due")
        conversation.wait(10)
        #expect(conversation.sent.count == 2)
    }

    @Test func aFloodOfFFIsNothing() {
        var conversation = Conversation.inSync()
        conversation.receive([UInt8](repeating: 0xff, count: 100_000))
        conversation.wait(5)
        #expect(conversation.messages.count <= 3)
    }

    @Test func commandsForAnAgentThatDoesNotAnswerAreRefusedInTime() {
        var conversation = Conversation()
        conversation.request(2)
        conversation.wait(5)
        for serial in 3...11 { conversation.request(serial) }
        #expect(
            conversation.answers == [
                "2: GenericError: the guest agent does not answer",
                "11: GenericError: too many commands wait for the guest agent",
            ])
    }

    @Test func beforeTheGuestRunsNobodyIsAsked() {
        var client = AgentClient()
        let ticket = QMPServer.Ticket(client: QMPServer.ClientID(serial: 1), serial: 1)
        let request = AgentRequest(ticket, execute: "guest-ping", arguments: nil, timeout: .seconds(5))
        #expect(
            client.request(request, at: Self.start) == [
                .answer(ticket, .failure(desc: "the guest has not been started yet"))
            ])
    }

    /// Whoever froze it may be gone: a frozen guest cannot shut down.
    @Test func aGuestThatMayBeFrozenIsThawedBeforeItIsShutDown() {
        func freeze(_ conversation: inout Conversation, _ command: String) {
            let ticket = QMPServer.Ticket(client: QMPServer.ClientID(serial: 1), serial: 1)
            let request = AgentRequest(ticket, execute: command, arguments: nil, timeout: .seconds(5))
            conversation.carryOut(conversation.client.request(request, at: conversation.now))
            conversation.receive("{\"return\": 1}\n")
        }
        var conversation = Conversation.inSync()
        freeze(&conversation, "guest-fsfreeze-freeze")
        conversation.carryOut(conversation.client.shutDown(at: conversation.now))
        let thaw = #"{"execute":"guest-fsfreeze-thaw"}"#
        #expect(conversation.sent.last?.hasPrefix(thaw) == true && conversation.sent.last?.contains("shutdown") == true)
        conversation.receive("{\"return\": 1}\n{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n")
        #expect(conversation.answers.last == "shutdown: no")

        conversation = Conversation.inSync()
        freeze(&conversation, "guest-fsfreeze-freeze")
        freeze(&conversation, "guest-fsfreeze-thaw")
        conversation.carryOut(conversation.client.shutDown(at: conversation.now))
        #expect(conversation.sent.last?.contains("thaw") == false)
    }

    @Test func aPausedGuestIsNotJudged() {
        var conversation = Conversation.inSync()
        conversation.client.guestPaused()
        conversation.wait(1000)
        #expect(conversation.client.isAnswering)
        conversation.request(1)
        #expect(conversation.answers == ["1: GenericError: the guest is paused"])
        conversation.client.guestResumed(at: conversation.now)
        conversation.wait(10)
        #expect(conversation.sent.last == #"{"execute":"guest-ping"}"#)
    }

    /// What the agent did before says nothing: it may have died at the command that it is at.
    @Test func aPingIsAnsweredByTheAgentAlone() {
        var conversation = Conversation.inSync()
        conversation.request(1, timeout: 100)
        conversation.ping(2, timeout: 5)
        conversation.wait(5)
        #expect(
            conversation.answers == [
                "2: GenericError: the guest agent is at another command, and has not answered that yet"
            ])
        conversation.ping(3, timeout: 5)
        conversation.receive("{\"return\": {}}\n{\"return\": {}}\n")
        #expect(conversation.answers.suffix(2) == ["1: {}", "3: {}"])
    }

    @Test func aRequestThatRunsOutDuringTheStopChangesNothing() {
        var conversation = Conversation.inSync()
        conversation.request(1)
        conversation.carryOut(conversation.client.shutDown(at: conversation.now))
        conversation.wait(100)
        #expect(conversation.answers == ["1: GenericError: the guest agent does not answer"])
    }

    @Test func askingOftenDoesNotMeanProbingOften() {
        var conversation = Conversation()
        conversation.announce()
        for serial in 1...4 {
            conversation.request(serial, timeout: 1)
            conversation.wait(1)
        }
        #expect(conversation.sent == [Self.sync(1), "channel \(Self.sync(1))"])
        conversation.answerSync(1)
        #expect(conversation.client.isAnswering)
    }

    @Test func aShutdownDoesNotWaitForItsTurn() {
        var conversation = Conversation.inSync()
        conversation.request(1, timeout: 100)
        conversation.carryOut(conversation.client.shutDown(at: conversation.now))
        #expect(conversation.sent.last?.contains("guest-shutdown") == true)
        conversation.receive("{\"return\": {}}\n{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}}\n")
        conversation.request(2)
        #expect(conversation.answers == ["1: {}", "shutdown: no", "2: GenericError: the guest is being stopped"])
        conversation.wait(100)
        #expect(conversation.sent.count == 3)
    }
}
