import Linux

/// A drover under test: the real binary in a process of its own, with what it writes to stdout and stderr.
package final class DroverRun {
    /// `.build/drover`, or what `DROVER_BINARY` names.
    package static let binary = environment("DROVER_BINARY") ?? "\(repository)/.build/drover"

    private let process: ChildProcess
    private let output: Descriptor
    package private(set) var lines: [String] = []
    private var partial: [UInt8] = []
    private var outputHasEnded = false

    /// Starts it. Only `variables` are in its environment, and a PATH.
    ///
    /// - Parameters:
    ///   - stdout: where stdout goes instead of to `lines`; stderr always goes there.
    ///   - prefix: the words of a command that runs it, from an absolute path on.
    package init(
        _ arguments: [String], _ variables: [String: String] = [:], path: String = systemPath,
        stdout: Descriptor? = nil, by prefix: [String] = []
    ) throws {
        let (reading, writing) = try Descriptor.pipe()
        output = reading
        let words = prefix + [Self.binary] + arguments
        process = try ChildProcess(
            words[0], Array(words.dropFirst()), environment: ["PATH=\(path)"] + variables.map { "\($0)=\($1)" },
            descriptors: [try Descriptor.open("/dev/null"), stdout ?? writing, writing])
    }

    /// A prefix that gives it a network with nothing but a loopback of its own, for a port that is fixed. As root.
    ///
    /// Each word replaces itself by the next, so the pid is drover's in the end.
    package static let inOwnNetwork = [
        "/usr/bin/unshare", "--net", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh",
    ]

    package var pid: Int32 { process.pid }

    /// Waits for a line that contains `text`, also among those that have come already.
    @discardableResult
    package func wait(for text: String, within seconds: Int) throws -> String {
        try wait(for: text, after: 0, within: seconds)
    }

    /// Waits for a line that contains `text`, after the first `count` lines.
    @discardableResult
    package func wait(for text: String, after count: Int, within seconds: Int) throws -> String {
        let deadline = Instant.within(seconds)
        var seen = count
        while true {
            if let line = (seen..<max(lines.count, seen)).first(where: { hasCome(text, by: $0) }) { return lines[line] }
            seen = max(seen, lines.count)
            guard !outputHasEnded, try readMore(until: deadline) else {
                throw TestFailure.missing("\(text.debugDescription) in drover's output", seen: seenSoFar)
            }
        }
    }

    /// Whether a line contains `text`, or it and the one before it: a guest that is starved of CPU time stops in the middle of a
    /// line, and is shown in two.
    private func hasCome(_ text: String, by index: Int) -> Bool {
        let line = lines[index]
        if line.contains(text) { return true }
        let prefix = "console: "
        guard index > 0, line.hasPrefix(prefix), lines[index - 1].hasPrefix(prefix) else { return false }
        return (lines[index - 1] + line.dropFirst(prefix.count)).contains(text)
    }

    /// Waits for the end of the process, which is the end of its output too.
    @discardableResult
    package func waitForExit(within seconds: Int) throws -> WaitStatus {
        let deadline = Instant.within(seconds)
        while !outputHasEnded {
            guard try readMore(until: deadline) else {
                throw TestFailure.missing("the end of drover's output", seen: seenSoFar)
            }
        }
        return try process.waitForExit(within: seconds, seen: seenSoFar)
    }

    package func signal(_ signal: Signal) throws {
        try process.signal(signal)
    }

    /// The pid of the QEMU it has started.
    package func qemuPID() throws -> Int32 {
        guard let child = try children(of: pid).first else {
            throw TestFailure("drover has no child; its output:\n\(seenSoFar)")
        }
        return child
    }

    private var seenSoFar: String {
        (lines + (partial.isEmpty ? [] : [String(decoding: partial, as: UTF8.self)])).joined(separator: "\n")
    }

    /// Reads what there is; false when nothing comes until `deadline`.
    private func readMore(until deadline: Instant) throws -> Bool {
        guard let bytes = try output.receive(until: deadline) else { return false }
        outputHasEnded = bytes.isEmpty
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(String(decoding: partial, as: UTF8.self))
                partial = []
            } else {
                partial.append(byte)
            }
        }
        return true
    }
}
