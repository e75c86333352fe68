import Glibc
import Linux
import Testing

/// A drover under test: the real binary in a process of its own, with what it writes to stdout and stderr.
final class DroverRun {
    struct Timeout: Error, CustomStringConvertible {
        let waitedFor: String
        let output: [String]
        var description: String { "no \(waitedFor) in time; the output:\n" + output.joined(separator: "\n") }
    }

    /// `.build/drover`, or what `DROVER_BINARY` names.
    static let binary = environment("DROVER_BINARY") ?? "\(repository)/.build/drover"

    let pid: Int32
    private let output: Descriptor
    private(set) var lines: [String] = []
    private var partial: [UInt8] = []
    private var outputHasEnded = false

    /// Starts it. Only `variables` are in its environment, and a PATH.
    ///
    /// - Parameters:
    ///   - stdout: where stdout goes instead of to `lines`; stderr always goes there.
    ///   - inOwnNetwork: with nothing but a loopback of its own, for a port that is fixed. As root.
    init(
        _ arguments: [String], _ variables: [String: String] = [:], path: String = "/usr/sbin:/usr/bin:/sbin:/bin",
        stdout: Descriptor? = nil, inOwnNetwork: Bool = false
    ) throws {
        let (reading, writing) = try Descriptor.pipe()
        output = reading
        // Each of these replaces itself by the next, so the pid is drover's in the end.
        let isolated = [
            "unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", Self.binary,
        ]
        pid = try Spawn(
            path: inOwnNetwork ? "/usr/bin/unshare" : Self.binary,
            arguments: (inOwnNetwork ? isolated : ["drover"]) + arguments,
            environment: ["PATH=\(path)"] + variables.map { "\($0)=\($1)" },
            descriptors: [try Descriptor.open("/dev/null"), stdout ?? writing, writing],
            parentDeathSignal: .kill
        ).start()
        try output.setNonBlocking(true)
    }

    /// Waits for a line that contains `text`, also among those that have come already.
    @discardableResult
    func wait(for text: String, within seconds: Int) throws -> String {
        let deadline = Instant.now() + .seconds(seconds)
        var seen = 0
        while true {
            if let line = lines[seen...].first(where: { $0.contains(text) }) { return line }
            seen = lines.count
            guard !outputHasEnded, readMore(until: deadline) else { throw Timeout(waitedFor: text, output: lines) }
        }
    }

    /// Waits for the end of the process, which is the end of its output too.
    @discardableResult
    func waitForExit(within seconds: Int) throws -> WaitStatus {
        let deadline = Instant.now() + .seconds(seconds)
        while !outputHasEnded {
            guard readMore(until: deadline) else { throw Timeout(waitedFor: "exit", output: lines) }
        }
        return try waitForChild(pid)
    }

    func signal(_ signal: Signal) throws {
        try Linux.send(signal, to: pid)
    }

    /// The pid of the QEMU it has started, read off `/proc`.
    func qemuPID() throws -> Int32 {
        let children = try String(
            decoding: readFile("/proc/\(pid)/task/\(pid)/children", limit: 65536), as: UTF8.self)
        return try #require(children.split(separator: " ").first.flatMap { Int32($0) })
    }

    /// Reads what there is; false when nothing comes until `deadline`.
    private func readMore(until deadline: Instant) -> Bool {
        let left = max((deadline - .now()).nanoseconds / 1_000_000, 0)
        var request = pollfd(fd: output.rawValue, events: Int16(POLLIN), revents: 0)
        guard poll(&request, 1, Int32(clamping: left)) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = (try? buffer.withUnsafeMutableBytes { try output.read(into: $0) }) ?? 0
        if count == 0 { outputHasEnded = true }
        for byte in buffer.prefix(count) {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: partial, as: UTF8.self))
                partial = []
            } else {
                partial.append(byte)
            }
        }
        return true
    }

    deinit {
        // A test that failed half-way leaves nothing running; QEMU ends with its parent.
        kill(pid, SIGKILL)
        var wstatus: Int32 = 0
        waitpid(pid, &wstatus, 0)
    }
}

/// The repository's top, from this file's place in it.
let repository = String(#filePath.dropLast("/Tests/Integration/DroverRun.swift".count))

func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}
