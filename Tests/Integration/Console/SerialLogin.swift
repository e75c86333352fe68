import Linux
import TestSupport

/// A QEMU of the test's own with a guest and its seed, whose serial console the test types on: drover keeps its own end
/// to itself.
final class SerialLogin {
    private let console: Descriptor
    private let agent: Descriptor
    private let said: Transcript
    private let saidToAgent: Transcript
    private let qemu: ChildProcess

    /// What the guest writes on `disk` does not stay there.
    init(disk: String, seed: String?) throws {
        let (console, qemus) = try Descriptor.socketPair()
        let (agent, qemusAgent) = try Descriptor.socketPair()
        self.console = console
        self.agent = agent
        said = Transcript(of: console, named: "the guest's console")
        saidToAgent = Transcript(of: agent, named: "the guest's second serial port")
        var arguments = [
            "-nodefaults", "-accel", "tcg,thread=multi", "-m", "512", "-display", "none",
            "-drive", "if=ide,index=0,format=qcow2,snapshot=on,file=\(Self.escaped(disk))",
            "-chardev", "socket,id=console,fd=3", "-serial", "chardev:console",
            "-chardev", "socket,id=agent,fd=4", "-serial", "chardev:agent",
        ]
        if let seed {
            arguments += ["-drive", "if=ide,index=2,media=cdrom,format=raw,readonly=on,file=\(Self.escaped(seed))"]
        }
        qemu = try ChildProcess(
            "/usr/bin/qemu-system-x86_64", arguments, environment: ["LC_ALL=C"],
            descriptors: [
                try Descriptor.open("/dev/null"), try Descriptor.duplicate(of: 2), try Descriptor.duplicate(of: 2),
                qemus, qemusAgent,
            ])
    }

    /// QEMU takes a comma for the end of a value unless it is doubled.
    private static func escaped(_ path: String) -> String {
        path.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }

    // MARK: The second serial port

    func typeForAgent(_ line: String) throws {
        try agent.deliver(Array("\(line)\n".utf8))
    }

    func waitOnAgentPort(for text: String, within seconds: Int) throws {
        try saidToAgent.wait(for: text, within: seconds)
    }

    /// Whether the guest's agent answers, asked as PID 1 asks it.
    func agentAnswers(_ command: String, within seconds: Int) throws -> Bool {
        let deadline = Instant.within(seconds)
        var id = 0
        while Instant.now() < deadline {
            id += 1
            try agent.deliver([0xFF])
            try typeForAgent("{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":\(id)}}")
            let soon = min(deadline, .now() + .seconds(2))
            guard try saidToAgent.find("{\"return\": \(id)}", until: soon) != nil else { continue }
            try typeForAgent("{\"execute\":\"\(command)\"}")
            return try saidToAgent.find("{\"return\": ", until: deadline) != nil
        }
        return false
    }

    // MARK: The console

    /// Reads until `text` has come; forgets what was before.
    func wait(for text: String, within seconds: Int) throws {
        try said.wait(for: text, within: seconds)
    }

    func type(_ line: String) throws {
        try console.deliver(Array("\(line)\n".utf8))
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
