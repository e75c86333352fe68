import Foundation
import Glibc
import Linux
import Testing

/// A guest agent, the kit's or qemu-ga, on a pseudo-terminal in a sandbox, and the client's end of it.
final class AgentPort {
    /// The client's end.
    private final class Terminal {
        let descriptor: Descriptor

        init(linkedFrom link: String) throws {
            // Glibc's Swift module hides posix_openpt and its like; these are TIOCSPTLCK and TIOCGPTN.
            descriptor = try Descriptor.open("/dev/ptmx", .readWrite)
            var isLocked: Int32 = 0
            var number: Int32 = 0
            try retryingInterrupts { ioctl(descriptor.rawValue, 0x4004_5431, &isLocked) }
            try retryingInterrupts { ioctl(descriptor.rawValue, 0x8004_5430, &number) }
            unlink(link)
            try retryingInterrupts { symlink("/dev/pts/\(number)", link) }
            try descriptor.setNonBlocking(true)
        }
    }

    private let sandbox: KitSandbox
    private var terminal: Terminal
    private let link: String
    private let pid: Int32
    private var received: [UInt8] = []

    /// - Parameter command: with `PORT` where the path of the terminal goes.
    init(_ sandbox: KitSandbox, _ command: String, hasStubs: Bool = false) throws {
        self.sandbox = sandbox
        // A link, so that another terminal can take the place of the first. In a folder that is there inside too.
        link = "\(sandbox.path)/lib/port"
        terminal = try Terminal(linkedFrom: link)
        let placed: String = command.replacingOccurrences(of: "PORT", with: "/var/lib/port")
        let words: [String] = sandbox.words("exec \(placed)", hasStubs: hasStubs)
        pid = try Spawn(
            path: "/usr/bin/unshare", arguments: words, environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            descriptors: [
                try Descriptor.open("/dev/null"), try Descriptor.open("/dev/null", .writeOnly),
                try Descriptor.open("/dev/null", .writeOnly),
            ], parentDeathSignal: .kill
        ).start()
        try synchronise()
    }

    static func kit(_ sandbox: KitSandbox, hasStubs: Bool = false) throws -> AgentPort {
        try AgentPort(sandbox, "\(KitSandbox.kit)/agent PORT", hasStubs: hasStubs)
    }

    static func qemus(_ sandbox: KitSandbox) throws -> AgentPort {
        try AgentPort(sandbox, "qemu-ga -m isa-serial -p PORT -t /root -f /root/qga.pid")
    }

    deinit {
        try? Linux.send(.kill, to: pid)
        _ = try? waitForChild(pid)
    }

    /// Hangs up, as a terminal does when its other end closes, and has another one in its place.
    func hangUp() throws {
        terminal = try Terminal(linkedFrom: link)
        received = []
    }

    /// The processor time the agent has used, in ticks of 10 ms.
    func ticks() throws -> Int {
        let stat = String(decoding: try readFile("/proc/\(pid)/stat", limit: 4096), as: UTF8.self)
        let afterName: Substring = try #require(stat.split(separator: ")").last)
        let fields: [Substring] = afterName.split(separator: " ")
        let user: Int = try #require(Int(fields[11]))
        let system: Int = try #require(Int(fields[12]))
        return user + system
    }

    /// A child of the agent, as soon as it has one.
    func child(within seconds: Int) throws -> Int32 {
        let deadline = Instant.now() + .seconds(seconds)
        while Instant.now() < deadline {
            let children = try readFile("/proc/\(pid)/task/\(pid)/children", limit: 4096)
            let first = String(decoding: children, as: UTF8.self).split(separator: " ").first
            if let child = first.flatMap({ Int32($0) }) { return child }
        }
        throw ShellFailure(command: "the agent", status: nil, output: "it has no child")
    }

    func send(bytes: [UInt8]) throws {
        let deadline = Instant.now() + .seconds(60)
        var start = 0
        while start < bytes.count {
            try #require(try terminal.descriptor.wait(until: .writable, deadline), "the agent reads nothing")
            // A terminal that is full says so, writable or not.
            let end: Int = min(start + 2048, bytes.count)
            start += (try? terminal.descriptor.write(Array(bytes[start..<end]))) ?? 0
            try receive(until: .now())
        }
    }

    func send(_ text: String) throws { try send(bytes: Array(text.utf8)) }

    /// Whether something came.
    @discardableResult private func receive(until deadline: Instant) throws -> Bool {
        guard try terminal.descriptor.wait(until: .readable, deadline) else { return false }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { try? terminal.descriptor.read(into: $0) }
        guard let count else {
            // Nobody has the other end open yet.
            usleep(20_000)
            return true
        }
        received += buffer.prefix(count)
        return count > 0
    }

    func line(within seconds: Int = 30) throws -> String {
        let deadline = Instant.now() + .seconds(seconds)
        while true {
            if let end = received.firstIndex(of: 10) {
                defer { received.removeFirst(end + 1) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            let came = try receive(until: deadline)
            try #require(came || Instant.now() < deadline, "no answer")
        }
    }

    /// As PID 1 does it: asks until an answer comes, then forgets everything before it.
    func synchronise() throws {
        for id in 1000..<1120 {
            try send(bytes: [0xFF])
            try send("{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":\(id)}}\n")
            let deadline = Instant.now() + .seconds(1)
            while Instant.now() < deadline {
                _ = try receive(until: deadline)
                if let start = received.lastIndex(of: 0xFF) {
                    let answer = String(decoding: received[(start + 1)...], as: UTF8.self)
                    if answer == "{\"return\": \(id)}\n" {
                        received = []
                        return
                    }
                }
            }
        }
        Issue.record("the agent does not answer: \(String(decoding: received, as: UTF8.self))")
    }

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
