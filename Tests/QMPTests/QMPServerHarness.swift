import Linux
import QMP

/// A server in conversation: what it does is kept, what clients get is read at once unless a test says otherwise.
final class QMPServerHarness {
    typealias Client = QMPServer.ClientID

    static let peer = QMPServer.Peer(pid: 12, uid: 0)
    static let greeting =
        #"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": ["oob"]}}"#

    /// What is on the disk of these tests.
    static let files: [String: QMPPolicy.FileKind] = [
        "/disks": .directory, "/disks/backups": .directory, "/disks/full.raw": .file, "/disks/made.raw": .emptyFile,
        "/disks/link.raw": .other, "/disks/link": .other, "/disks/full.png": .file, "/disks/backups/full.raw": .file,
        "/disks/root_password": .file,
    ]

    static func policy(_ level: QMPPolicy.Level) -> QMPPolicy {
        QMPPolicy(
            level: level,
            diskDirectories: ["/disks", "//more disks/./", "/", "//", "/./", "/dev", "//dev/shm", "/proc/self"],
            runtimeDirectory: "/run/drover", closed: ["/disks//root_password"]
        ) { files[$0] ?? .nothing }
    }

    var server: QMPServer
    private var session = QMPSession()
    /// Lines that went to QEMU and have no reply yet.
    private(set) var atQEMU: [String] = []
    /// Those that went by PID 1's own monitor.
    private(set) var sentFirst: [String] = []
    /// The time, which passes as a test says.
    var now = Instant(nanoseconds: 0)
    private(set) var requests: [(request: QMPServer.Request, ticket: QMPServer.Ticket)] = []
    private(set) var audits: [String] = []
    private(set) var dropped: [Client: QMPServer.DropReason] = [:]
    private(set) var strays: [String] = []
    private(set) var failedLoads: [String] = []
    private var read: [Client: [UInt8]] = [:]

    init(_ level: QMPPolicy.Level = .full) {
        server = QMPServer(policy: Self.policy(level))
        greet()
    }

    /// QEMU greets and answers the negotiation.
    func greet() {
        atQEMU = []
        perform(server.greeted(by: Array(Self.greeting.utf8)))
        qemuReplies()
    }

    func perform(_ actions: [QMPServer.Action]) {
        for action in actions {
            switch action {
            case .sendToQEMU(let line, .clients): atQEMU.append(String(decoding: line, as: UTF8.self))
            case .sendToQEMU(let line, .first): sentFirst.append(String(decoding: line, as: UTF8.self))
            case .drop(let client, _, let reason): dropped[client] = reason
            case .request(let request, let ticket): requests.append((request, ticket))
            case .audit(let level, let peer, let text): audits.append("\(level) \(peer.pid)/\(peer.uid) \(text)")
            case .stray(let text): strays.append(text)
            case .loadFailed(let reason): failedLoads.append(reason)
            }
        }
    }

    func newClient(isOwnProgram: Bool = false) -> Client {
        let (client, actions) = server.connect(Self.peer, isOwnProgram: isOwnProgram, at: now)
        perform(actions)
        guard let client else { fatalError("no room for a client") }
        return client
    }

    /// A client that has negotiated and read all replies to that.
    func negotiatedClient(isOwnProgram: Bool = false) -> Client {
        let client = newClient(isOwnProgram: isOwnProgram)
        send(#"{"execute":"qmp_capabilities"}"#, from: client)
        _ = lines(for: client)
        return client
    }

    func send(_ text: String, from client: Client) {
        perform(server.receive(Array(text.utf8), from: client, at: now))
    }

    /// The time passes.
    func wait(_ duration: Duration) {
        now = now + duration
        perform(server.deadlineReached(at: now))
    }

    /// Everything there is to read for a client, in lines.
    func lines(for client: Client) -> [String] {
        var text: [UInt8] = []
        while case (let bytes, let start) = server.output(for: client), start < bytes.count {
            text += bytes[start...]
            perform(server.wrote(bytes.count - start, to: client, at: now))
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\r\n").map(String.init)
    }

    /// A line from QEMU, by the way it comes: through the session.
    func qemuSends(_ line: String) {
        for received in session.receive(Array((line + "\r\n").utf8)) {
            switch received {
            case .greeting(_, let line): perform(server.greeted(by: line))
            case .event(_, let line): perform(server.event(line))
            case .reply(let reply): perform(server.reply(reply))
            case .stray(let text): strays.append(text)
            case .answered, .refused: break
            }
        }
    }

    /// QEMU replies to the oldest command with `member`, such as `"return": {}`.
    func qemuReplies(_ member: String = #""return": {}"#) {
        guard !atQEMU.isEmpty || !sentFirst.isEmpty else { return }
        let line = atQEMU.isEmpty ? sentFirst.removeFirst() : atQEMU.removeFirst()
        qemuSends("{\(member), \"id\": \(Self.id(of: line))}")
    }

    /// Our id, which is last in our lines.
    static func id(of line: String) -> String {
        String(line.trimmingSuffix("}\r\n").split(separator: " ").last ?? "?")
    }

    /// Answers one command of a client that waits for it alone.
    func reply(to text: String, from client: Client) -> String {
        send(text, from: client)
        return lines(for: client).joined(separator: "\n")
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: String) -> Substring {
        hasSuffix(suffix) ? dropLast(suffix.count) : self[...]
    }
}
