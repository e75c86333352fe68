import FoundationEssentials
import Linux
import QMP

/// Plays QEMU, its clients and the event loop by a script of bytes, each move by the next few of them, and checks what must
/// always hold. The fuzzer writes scripts, and so does a test by chance.
struct QMPExercise {
    private struct Peer {
        let id: QMPServer.ClientID
        /// Sends whole commands with ids that count up, and nothing else.
        let isOrderly: Bool
        var commandsSent = 0
        var repliesRead = 0
        var partialLine: [UInt8] = []
    }

    private struct Sent: Decodable {
        let execute: String
        let id: Int
    }

    private struct Got: Decodable {
        let id: Int
    }

    private static let greeting = Array(
        #"{"QMP": {"version": {"qemu": {"micro": 0, "minor": 0, "major": 9}, "package": ""}, "capabilities": ["oob"]}}"#
            .utf8)
    private static let names = [
        "query-status", "stop", "quit", "drover-status", "drover-stop", "nope", "qmp_capabilities",
        "human-monitor-command",
    ]
    private static let fragments = [
        #"{"execute":"query-status"}"#, #"{"execute":"qmp_capabilities"}"#, "{'execute':'stop'}", #"{"execute":""#,
        "\"}", "{", "}", "\n",
        #"{"execute":"drover-status","id":{"a":[1.50,null]}}"#, #""\u0065xecute":"stop","#, "[[[[", "\\", "'",
        #"\ud83d"#, "\r\n",
        #"{"execute":"transaction","arguments":{"actions":[{"type":"abort"}]},"id":"x"}"#,
        #""arguments":{"a":1,"a":2}"#,
        #"{"execute":"screendump","arguments":{"filename":"/disks/a.png"}}"#, "1e5,", "true",
        #"{"return": {}, "id": 1}"#,
        #"{"execute":"human-monitor-command","arguments":{"command-line":"info x"},"id":[]}"#, #"{"QMP": {}}"#,
        #"{"event": "X"}"#,
    ]

    private var script: ArraySlice<UInt8>
    private var server: QMPServer
    private var session = QMPSession()
    private var clients: [Peer] = []
    private var atQEMU: [Int] = []
    private var tickets: [QMPServer.Ticket] = []
    private var lastID = 0
    private var now = Instant(nanoseconds: 0)
    private(set) var violations: [String] = []
    /// Commands that reached QEMU, lest a script tests nothing.
    private(set) var relayed = 0

    private init(_ script: [UInt8]) {
        self.script = script[...]
        let level = QMPPolicy.Level.allCases[Int(script.first ?? 0) % 3]
        server = QMPServer(
            policy: QMPPolicy(level: level, diskDirectories: ["/disks"], runtimeDirectory: "/run/drover") { _ in
                .nothing
            })
        perform(server.greeted(by: Self.greeting))
    }

    static func run(_ script: [UInt8]) -> QMPExercise {
        var exercise = QMPExercise(script)
        while !exercise.script.isEmpty, exercise.violations.isEmpty { exercise.move() }
        exercise.settle()
        return exercise
    }

    // MARK: Moves

    private mutating func take() -> Int { Int(script.popFirst() ?? 0) }

    private mutating func takeBytes(_ count: Int) -> [UInt8] {
        let bytes = Array(script.prefix(count))
        script = script.dropFirst(count)
        return bytes
    }

    private mutating func move() {
        switch take() % 12 {
        case 0: connect()
        case 1, 2, 3: sendCommand()
        case 4: sendGarbage()
        case 5, 6: qemuReplies()
        case 7: qemuSends(Array(#"{"event": "X", "data": {"a": "}"}}"#.utf8))
        case 8: qemuSendsGarbage()
        case 9: read(upTo: take() * take() + 1)
        case 10: answer()
        default: endSomething()
        }
        checkBounds()
    }

    private mutating func connect() {
        let kind = take()
        let isOrderly = kind % 4 != 0
        let (connected, actions) = server.connect(QMPServer.Peer(pid: 1, uid: 0), isOwnProgram: kind > 200, at: now)
        perform(actions)
        guard let id = connected else {
            check(clients.count >= 32, "a client is turned away though there is room")
            return
        }
        var client = Peer(id: id, isOrderly: isOrderly)
        clients.append(client)
        if isOrderly {
            perform(server.receive(Array(#"{"execute":"qmp_capabilities","id":0}"#.utf8), from: id, at: now))
            client.commandsSent = 1
        }
        if let index = clients.firstIndex(where: { $0.id == id }) { clients[index] = client }
    }

    private mutating func pick(_ condition: (Peer) -> Bool) -> Int? {
        let number = take()
        let indices = clients.indices.filter { condition(clients[$0]) }
        return indices.isEmpty ? nil : indices[number % indices.count]
    }

    private mutating func sendCommand() {
        guard let index = pick(\.isOrderly) else { return }
        let client = clients[index]
        let name = Self.names[take() % Self.names.count]
        let size = take()
        // Some of them are longer than may be.
        let padding = String(repeating: "é", count: size > 240 ? size * 300 : size > 200 ? size * 50 : size)
        let line = #"{"execute": "\#(name)", "arguments": {"x": "\#(padding)"}, "id": \#(client.commandsSent)}"#
        clients[index].commandsSent += 1
        send(Array(line.utf8), from: client.id, chunk: take() + 1)
    }

    private mutating func sendGarbage() {
        guard let index = pick({ !$0.isOrderly }) else { return }
        var bytes: [UInt8] = []
        for _ in 0...take() % 8 {
            let kind = take()
            bytes += kind < 200 ? Array(Self.fragments[kind % Self.fragments.count].utf8) : takeBytes(kind % 16)
        }
        send(bytes, from: clients[index].id, chunk: take() + 1)
    }

    private mutating func send(_ bytes: [UInt8], from client: QMPServer.ClientID, chunk: Int) {
        for start in stride(from: 0, to: bytes.count, by: max(chunk, bytes.count / 50)) {
            let end = min(start + max(chunk, bytes.count / 50), bytes.count)
            perform(server.receive(bytes[start..<end], from: client, at: now))
        }
    }

    private mutating func qemuReplies() {
        guard !atQEMU.isEmpty else { return }
        let size = take()
        let padding = String(repeating: "x", count: size > 250 ? size * 2000 : size)
        let id = atQEMU.removeFirst()
        qemuSends(
            Array(
                size % 2 == 0
                    ? #"{"return": {"x": "\#(padding)"}, "id": \#(id)}"#.utf8
                    : #"{"id": \#(id), "error": {"class": "GenericError", "desc": "\#(padding)"}}"#.utf8))
    }

    private mutating func qemuSendsGarbage() {
        var bytes: [UInt8] = []
        for _ in 0...take() % 4 {
            let kind = take()
            bytes += kind < 128 ? Array(Self.fragments[kind % Self.fragments.count].utf8) : takeBytes(kind % 16)
        }
        qemuSends(bytes)
    }

    private mutating func qemuSends(_ line: [UInt8]) {
        for received in session.receive(line + [13, 10]) {
            switch received {
            case .greeting(_, let line): perform(server.greeted(by: line))
            case .event(_, let line): perform(server.event(line))
            case .reply(let reply): perform(server.reply(reply))
            case .answered, .refused, .stray: break
            }
        }
    }

    private mutating func answer() {
        guard let ticket = tickets.popLast() else { return }
        perform(server.answer(ticket, take() % 2 == 0 ? .success(Array("{}".utf8)) : .failure(desc: "no")))
    }

    private mutating func endSomething() {
        let kind = take()
        if kind < 8 {
            perform(server.qemuIsGone())
            check(clients.isEmpty, "a client outlives QEMU")
            atQEMU = []
            perform(server.greeted(by: Self.greeting))
        } else if kind < 100, let index = pick({ _ in true }) {
            perform(server.disconnected(clients.remove(at: index).id))
        } else if kind < 120 {
            now = now + .seconds(kind - 100)
            perform(server.deadlineReached(at: now))
        }
    }

    // MARK: What comes of them

    private mutating func perform(_ actions: [QMPServer.Action]) {
        for action in actions {
            switch action {
            case .sendToQEMU(let line, _): qemuGets(line)
            case .drop(let id, _, _): clients.removeAll { $0.id == id }
            case .request(_, let ticket): tickets.append(ticket)
            case .audit(_, _, let text):
                check(text.utf8.count < 1000 && !text.utf8.contains { $0 < 0x20 }, "an audit is no line")
            case .stray, .loadFailed: break
            }
        }
    }

    private mutating func qemuGets(_ line: [UInt8]) {
        check(line.suffix(2) == [13, 10] && !line.dropLast(2).contains { $0 < 0x20 }, "QEMU gets what is no line")
        guard let sent = try? JSONDecoder().decode(Sent.self, from: Data(line)), sent.id > lastID else {
            // The decoder takes half the depth that QEMU does.
            return check(line.count { $0 == UInt8(ascii: "[") } > 500, "QEMU gets what it cannot read")
        }
        lastID = sent.id
        relayed += 1
        atQEMU.append(sent.id)
        check(atQEMU.count <= 12, "QEMU has \(atQEMU.count) commands")
    }

    private mutating func read(upTo limit: Int) {
        for id in server.clientsWithOutput {
            guard let index = clients.firstIndex(where: { $0.id == id }) else {
                return check(false, "a client that is gone has output")
            }
            let (bytes, start) = server.output(for: id)
            let taken = bytes[start...].prefix(limit)
            clients[index].partialLine += taken
            perform(server.wrote(taken.count, to: id, at: now))
            if let index = clients.firstIndex(where: { $0.id == id }) { judgeLines(of: index) }
        }
    }

    private mutating func judgeLines(of index: Int) {
        var lines = clients[index].partialLine.split(separator: 10, omittingEmptySubsequences: false)
        clients[index].partialLine = Array(lines.removeLast())
        for line in lines where clients[index].isOrderly {
            check(line.last == 13, "a line does not end")
            if line.starts(with: #"{"QMP""#.utf8) || line.starts(with: #"{"event""#.utf8) { continue }
            let expected = clients[index].repliesRead
            clients[index].repliesRead += 1
            let id = try? JSONDecoder().decode(Got.self, from: Data(line)).id
            check(id == expected, "reply \(expected) has the id \(id.map(String.init) ?? "none")")
        }
    }

    /// QEMU and the clients work everything off; then each command has its reply.
    private mutating func settle() {
        script = []
        for _ in 0..<10_000 where !atQEMU.isEmpty || !tickets.isEmpty || !server.clientsWithOutput.isEmpty {
            qemuReplies()
            answer()
            read(upTo: .max)
        }
        for client in clients where client.isOrderly {
            check(
                client.repliesRead == client.commandsSent,
                "\(client.commandsSent) commands have \(client.repliesRead) replies")
            check(server.wantsInput(from: client.id), "a client with nothing to do is not read")
        }
    }

    private mutating func checkBounds() {
        let outputs = clients.map { client -> Int in
            let (bytes, start) = server.output(for: client.id)
            return bytes.count - start
        }
        check(outputs.allSatisfy { $0 <= 5 << 20 } && outputs.reduce(0, +) <= 32 << 20, "output grows to \(outputs)")
    }

    private mutating func check(_ holds: Bool, _ violation: String) {
        if !holds { violations.append(violation) }
    }
}
