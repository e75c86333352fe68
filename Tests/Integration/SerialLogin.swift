import Linux
import Testing

/// A QEMU of the test's own with a guest and its seed, whose serial console the test types on: drover keeps its own end
/// to itself.
final class SerialLogin {
    private let console: Descriptor
    private let pid: Int32
    private var seen = ""

    init(disk: String, seed: String) throws {
        let (console, qemus) = try Descriptor.socketPair()
        self.console = console
        let cd = "if=ide,index=2,media=cdrom,format=raw,readonly=on,file=\(seed)"
        pid = try Spawn(
            path: "/usr/bin/qemu-system-x86_64",
            arguments: [
                "qemu-system-x86_64", "-nodefaults", "-accel", "tcg,thread=multi", "-m", "512", "-display", "none",
                "-drive", "if=ide,index=0,format=qcow2,snapshot=on,file=\(disk)", "-drive", cd,
                "-chardev", "socket,id=console,fd=3", "-serial", "chardev:console",
            ],
            environment: ["LC_ALL=C"],
            descriptors: [
                try Descriptor.open("/dev/null"), try Descriptor.duplicate(of: 2), try Descriptor.duplicate(of: 2),
                qemus,
            ],
            parentDeathSignal: .kill
        ).start()
    }

    deinit {
        try? send(.kill, to: pid)
        _ = try? waitForChild(pid)
    }

    /// Reads until `text` has come; forgets what was before.
    func wait(for text: String, within seconds: Int) throws {
        let deadline = Instant.now() + .seconds(seconds)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let range = seen.firstRange(of: text) {
                seen = String(seen[range.upperBound...])
                return
            }
            try #require(try console.wait(until: .readable, deadline), "no \(text) in: \(seen)")
            let count = try buffer.withUnsafeMutableBytes { try console.read(into: $0) }
            try #require(count > 0, "QEMU has ended: \(seen)")
            seen += String(decoding: buffer.prefix(count), as: UTF8.self)
        }
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
