import Linux

/// A shell command that failed, or did not end in time.
package struct ShellFailure: Error, CustomStringConvertible {
    package let command: String
    package let status: WaitStatus?
    package let output: String
    package var description: String {
        "\(command)\n\(status.map { "\($0)" } ?? "did not end in time")\n\(output)"
    }
}

/// Runs a shell command and returns what it printed; a command that fails, or takes too long, is an error.
@discardableResult
package func shell(_ command: String, within seconds: Int = 120) throws -> String {
    let (process, reading) = try startShell(command)
    let deadline = Instant.within(seconds)
    var bytes: [UInt8] = []
    while let more = try reading.receive(until: deadline) {
        bytes += more
        guard more.isEmpty else { continue }
        let output = String(decoding: bytes, as: UTF8.self)
        let status = try process.waitForExit(within: seconds, seen: output)
        if status != .exited(0) { throw ShellFailure(command: command, status: status, output: output) }
        return output
    }
    throw ShellFailure(command: command, status: nil, output: String(decoding: bytes, as: UTF8.self))
}

/// How a shell command failed that must.
package func shellFailure(_ body: () throws -> String) throws -> ShellFailure {
    do {
        let output = try body()
        throw ShellFailure(command: "a command that must fail", status: .exited(0), output: output)
    } catch let failure as ShellFailure where failure.status != .exited(0) {
        return failure
    }
}

/// In a function of its own: our copy of the pipe's writing end goes when it returns, so that the pipe can end.
private func startShell(_ command: String) throws -> (ChildProcess, output: Descriptor) {
    let (reading, writing) = try Descriptor.pipe()
    let process = try ChildProcess(
        "/bin/sh", ["-c", command],
        descriptors: [try Descriptor.open("/dev/null"), writing, try Descriptor.duplicate(of: 2)])
    return (process, reading)
}
