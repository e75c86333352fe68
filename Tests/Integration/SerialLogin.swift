import Linux
import Testing

/// A QEMU of the test's own with a guest and its seed, whose serial console the test types on: drover keeps its own end
/// to itself.
final class SerialLogin {
    private let console: Descriptor
    private let agent: Descriptor
    private let pid: Int32
    private var seen = ""
    private var seenOnAgentPort = ""

    /// What the guest writes on `disk` does not stay there.
    init(disk: String, seed: String?) throws {
        let (console, qemus) = try Descriptor.socketPair()
        let (agent, qemusAgent) = try Descriptor.socketPair()
        self.console = console
        self.agent = agent
        var arguments = [
            "qemu-system-x86_64", "-nodefaults", "-accel", "tcg,thread=multi", "-m", "512", "-display", "none",
            "-drive", "if=ide,index=0,format=qcow2,snapshot=on,file=\(disk.replacing(",", with: ",,"))",
            "-chardev", "socket,id=console,fd=3", "-serial", "chardev:console",
            "-chardev", "socket,id=agent,fd=4", "-serial", "chardev:agent",
        ]
        if let seed {
            arguments += [
                "-drive", "if=ide,index=2,media=cdrom,format=raw,readonly=on,file=\(seed.replacing(",", with: ",,"))",
            ]
        }
        pid = try Spawn(
            path: "/usr/bin/qemu-system-x86_64", arguments: arguments, environment: ["LC_ALL=C"],
            descriptors: [
                try Descriptor.open("/dev/null"), try Descriptor.duplicate(of: 2), try Descriptor.duplicate(of: 2),
                qemus, qemusAgent,
            ],
            parentDeathSignal: .kill
        ).start()
    }

    deinit {
        try? send(.kill, to: pid)
        _ = try? waitForChild(pid)
    }

    // MARK: The second serial port

    func typeForAgent(_ line: String) throws {
        try agent.writeAll(Array("\(line)\n".utf8))
    }

    func waitOnAgentPort(for text: String, within seconds: Int) throws {
        #expect(try reads(text, on: agent, &seenOnAgentPort, until: .now() + .seconds(seconds)), "\(seenOnAgentPort)")
    }

    /// Whether the guest's agent answers, asked as PID 1 asks it.
    func agentAnswers(_ command: String, within seconds: Int) throws -> Bool {
        let deadline = Instant.now() + .seconds(seconds)
        var id = 0
        while Instant.now() < deadline {
            id += 1
            try agent.writeAll([0xFF])
            try typeForAgent("{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":\(id)}}")
            let soon = min(deadline, .now() + .seconds(2))
            guard try reads("{\"return\": \(id)}", on: agent, &seenOnAgentPort, until: soon) else { continue }
            try typeForAgent("{\"execute\":\"\(command)\"}")
            return try reads("{\"return\": ", on: agent, &seenOnAgentPort, until: deadline)
        }
        return false
    }

    /// Reads until `text` has come, and forgets it and what was before; false when it does not come.
    private func reads(
        _ text: String, on port: Descriptor, _ seen: inout String, until deadline: Instant
    ) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let range = seen.firstRange(of: text) {
                seen = String(seen[range.upperBound...])
                return true
            }
            guard try port.wait(until: .readable, deadline) else { return false }
            let count = try buffer.withUnsafeMutableBytes { try port.read(into: $0) }
            guard count > 0 else { return false }
            seen += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
    }

    // MARK: The console

    /// Reads until `text` has come; forgets what was before.
    func wait(for text: String, within seconds: Int) throws {
        let deadline = Instant.now() + .seconds(seconds)
        try #require(try reads(text, on: console, &seen, until: deadline), "no \(text) in: \(seen)")
    }

    func type(_ line: String) throws {
        try console.writeAll(Array("\(line)\n".utf8))
    }

    /// Fails unless root gets a shell.
    func logIn(password: String) throws {
        try type("root")
        try wait(for: "assword:", within: 60)
        try type(password)
        try wait(for: "#", within: 60)
        try type("echo in-$((6*7))")
        try wait(for: "in-42", within: 60)
    }

    func isRefused(password: String) throws {
        try type("root")
        try wait(for: "assword:", within: 60)
        try type(password)
        try wait(for: "ncorrect", within: 60)
        try wait(for: "login:", within: 60)
    }
}
