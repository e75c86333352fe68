import Foundation
import Glibc
import Linux
import TestSupport
import Testing

/// A guest agent, the kit's or qemu-ga, on a pseudo-terminal in a sandbox, and the client's end of it.
final class AgentPort {
    private let sandbox: KitSandbox
    private var terminal: TerminalPair
    private let link: String
    private let process: ChildProcess
    private var received: [UInt8] = []

    /// - Parameter command: with `PORT` where the path of the terminal goes.
    init(_ sandbox: KitSandbox, _ command: String, hasStubs: Bool = false) throws {
        self.sandbox = sandbox
        // A link, so that another terminal can take the place of the first. In a folder that is there inside too.
        link = "\(sandbox.path)/lib/port"
        terminal = try Self.terminal(linkedFrom: link)
        let placed: String = command.replacingOccurrences(of: "PORT", with: "/var/lib/port")
        let words: [String] = sandbox.words("exec \(placed)", hasStubs: hasStubs)
        let nothing = try Descriptor.open("/dev/null", .readWrite)
        process = try ChildProcess(
            "/usr/bin/unshare", Array(words.dropFirst()), descriptors: [nothing, nothing, nothing])
        try synchronise()
    }

    private static func terminal(linkedFrom link: String) throws -> TerminalPair {
        let terminal = try TerminalPair()
        unlink(link)
        try retryingInterrupts { symlink(terminal.path, link) }
        try terminal.master.setNonBlocking(true)
        return terminal
    }

    static func kit(_ sandbox: KitSandbox, hasStubs: Bool = false) throws -> AgentPort {
        try AgentPort(sandbox, "\(KitSandbox.kit)/agent PORT", hasStubs: hasStubs)
    }

    static func qemus(_ sandbox: KitSandbox) throws -> AgentPort {
        try AgentPort(sandbox, "qemu-ga -m isa-serial -p PORT -t /root -f /root/qga.pid")
    }

    /// Hangs up, as a terminal does when its other end closes, and has another one in its place.
    func hangUp() throws {
        terminal = try Self.terminal(linkedFrom: link)
        received = []
    }

    /// The processor time the agent has used, in ticks of 10 ms.
    func ticks() throws -> Int {
        let stat = String(decoding: try readFile("/proc/\(process.pid)/stat", limit: 4096), as: UTF8.self)
        let afterName: Substring = try #require(stat.split(separator: ")").last)
        let fields: [Substring] = afterName.split(separator: " ")
        let user: Int = try #require(Int(fields[11]))
        let system: Int = try #require(Int(fields[12]))
        return user + system
    }

    /// The agent's child, which it has.
    func child() throws -> Int32 {
        guard let child = try children(of: process.pid).first else { throw TestFailure("the agent has no child") }
        return child
    }

    func send(bytes: [UInt8]) throws {
        let deadline = Instant.within(60)
        var start = 0
        while start < bytes.count {
            try #require(
                try terminal.master.wait(until: .writable, deadline),
                "the agent reads nothing after \(start) of \(bytes.count) bytes")
            // A terminal that is full says so, writable or not.
            let end: Int = min(start + 2048, bytes.count)
            start += (try? terminal.master.write(Array(bytes[start..<end]))) ?? 0
            try receive(until: .now())
        }
    }

    func send(_ text: String) throws { try send(bytes: Array(text.utf8)) }

    /// Whether something came.
    @discardableResult private func receive(until deadline: Instant) throws -> Bool {
        guard let bytes = try terminal.master.receive(until: deadline) else { return false }
        received += bytes
        return !bytes.isEmpty
    }

    func line(within seconds: Int = 30) throws -> String {
        let deadline = Instant.within(seconds)
        while true {
            if let end = received.firstIndex(of: 10) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            guard try receive(until: deadline) else { throw TestFailure.missing("the agent's answer", seen: text) }
        }
    }

    /// As PID 1 does it: asks until an answer comes, then forgets everything before it.
    func synchronise() throws {
        for id in 1000..<1120 {
            try send(bytes: [0xFF])
            try send("{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":\(id)}}\n")
            let deadline = Instant.now() + .seconds(1)
            while try receive(until: deadline) {
                if let start = received.lastIndex(of: 0xFF) {
                    let answer = String(decoding: received[(start + 1)...], as: UTF8.self)
                    if answer == "{\"return\": \(id)}\n" {
                        received = []
                        return
                    }
                }
            }
        }
        throw TestFailure.missing("the agent's answer to guest-sync-delimited", seen: text)
    }

    private var text: String { String(decoding: received, as: UTF8.self) }

    /// Every answer to `bytes`, as JSON with sorted keys.
    func answers(toBytes bytes: [UInt8]) throws -> [String] {
        try send(bytes: bytes)
        try send("{\"execute\":\"guest-sync\",\"arguments\":{\"id\":4711}}\n")
        var answers: [String] = []
        while true {
            let line = try line()
            if line == #"{"return": 4711}"# { return answers }
            let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let sorted = try JSONSerialization.data(
                withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
            answers.append(String(decoding: sorted, as: UTF8.self))
        }
    }

    func answers(to text: String) throws -> [String] { try answers(toBytes: Array(text.utf8)) }

    // MARK: What is asked and answered most

    static let pong = #"{"return":{}}"#
    static let ping = "\(#"{"execute":"guest-ping"}"#)\n"

    static func setPassword(_ user: String, _ password: String, crypted: Bool) -> String {
        let encoded = Data(password.utf8).base64EncodedString()
        let arguments = #"{"username":"\#(user)","password":"\#(encoded)","crypted":\#(crypted)}"#
        return "{\"execute\":\"guest-set-user-password\",\"arguments\":\(arguments)}\n"
    }
}
