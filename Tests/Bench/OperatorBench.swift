import Glibc
import Linux

// What the operator's side costs: a health check, and QMP through PID 1 beside QEMU itself.

/// Commands a second over a socket that speaks QMP.
///
/// - Parameter window: commands under way at once.
func commandRate(_ socket: String, count: Int, window: Int) throws -> Double {
    let deadline = Instant.now() + .seconds(60)
    let connection = try Descriptor.connect(unix: socket, until: deadline)
    let command = Array("{\"execute\": \"query-status\"}\r\n".utf8)
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    /// Reads until so many lines more have come.
    func readLines(_ wanted: Int) throws -> Int {
        var lines = 0
        while lines < wanted, try connection.wait(until: .readable, deadline) {
            let length = try connection.read(into: &buffer)
            guard length > 0 else { throw Errno.brokenPipe }
            lines += buffer[..<length].count(where: { $0 == UInt8(ascii: "\n") })
        }
        return lines
    }
    _ = try readLines(1)
    _ = try connection.write(Array("{\"execute\": \"qmp_capabilities\"}\r\n".utf8))
    _ = try readLines(1)
    let before = Instant.now()
    var (sent, answered) = (0, 0)
    while answered < count {
        while sent < count, sent - answered < window {
            _ = try connection.write(command)
            sent += 1
        }
        answered += try readLines(1)
    }
    return Double(count) / (Double((Instant.now() - before).nanoseconds) / 1e9)
}

private func waitFor(_ path: String) throws {
    let deadline = Instant.now() + .seconds(30)
    while access(path, F_OK) != 0 {
        if Instant.now() > deadline { throw Errno.noSuchFile }
        sched_yield()
    }
}

/// Starts drover; its socket is there when this returns.
///
/// - Parameter wrapper: the path of a program that leaves its process to `drover run`, and its arguments.
func startDrover(
    _ drover: String, _ variables: [String], in directory: String, under wrapper: [String] = []
) throws -> Int32 {
    let socket = "\(directory)/qmp.sock"
    unlink(socket)
    let command = wrapper + [drover, "run"]
    let pid = try spawn(command[0], command, variables)
    try waitFor(socket)
    return pid
}

/// A QEMU with a QMP socket of its own, which is there when this returns.
func startQEMU(_ socket: String) throws -> Int32 {
    let qemu = try spawn(
        "/usr/bin/qemu-system-x86_64",
        [
            "qemu-system-x86_64", "-machine", "pc", "-accel", "tcg", "-nodefaults", "-display", "none", "-m", "64",
            "-qmp", "unix:\(socket),server=on,wait=off",
        ], ["LC_ALL=C"])
    try waitFor(socket)
    return qemu
}

func spawn(_ path: String, _ arguments: [String], _ environment: [String]) throws -> Int32 {
    let null = try Descriptor.open("/dev/null", .readWrite)
    return try Spawn(
        path: path, arguments: arguments, environment: environment, descriptors: [null, null, null],
        parentDeathSignal: .kill
    ).start()
}

/// The same QEMU with the same machine, once by itself and once under drover, in turns.
///
/// - Parameter variables: of a drover run whose PATH has the real QEMU.
func measureQMP(_ drover: String, _ variables: [String], in folder: String) throws {
    let direct = "\(folder)/direct.sock"
    let qemu = try startQEMU(direct)
    let run = try startDrover(drover, variables, in: "\(folder)/run")
    defer {
        for pid in [qemu, run] {
            try? send(.kill, to: pid)
            _ = try? waitForChild(pid)
        }
    }
    let sockets = [direct, "\(folder)/run/qmp.sock"]
    for (name, window) in [("one at a time", 1), ("eight at a time", 8)] {
        var rates: [[Double]] = [[], []]
        for _ in 0..<9 {
            for (index, socket) in sockets.enumerated() {
                rates[index].append(try commandRate(socket, count: 2000, window: window))
            }
        }
        let medians = rates.map { $0.sorted()[$0.count / 2] }
        row("QMP commands a second, \(name), QEMU itself", "\(Int(medians[0]))")
        row(
            "QMP commands a second, \(name), through drover",
            "\(Int(medians[1])), \(ratio(medians[1], medians[0])) x QEMU itself", "at least 0.5 x")
    }
}

/// CPU time of a program's whole life, all its children included.
func cpuTime(_ path: String, _ arguments: [String], _ environment: [String]) throws -> Duration {
    let before = childrenTime()
    _ = try waitForChild(try spawn(path, arguments, environment))
    return childrenTime() - before
}

/// A health check that asks the banner of a forwarded port, beside a script that asks less.
///
/// - Parameter variables: of a drover run whose QEMU is the stand-in.
func measureHealthcheck(_ drover: String, _ variables: [String], in folder: String) throws {
    let port = "46237"
    let server = try spawn(
        "/usr/bin/socat", ["socat", "TCP-LISTEN:\(port),bind=127.0.0.1,reuseaddr,fork", "SYSTEM:echo SSH-2.0-x"],
        ["PATH=/usr/bin:/bin"])
    let run = try startDrover(drover, variables + ["QEMU_PORTS=127.0.0.1:\(port):22"], in: "\(folder)/run")
    defer {
        for pid in [server, run] {
            try? send(.kill, to: pid)
            _ = try? waitForChild(pid)
        }
    }
    let script = "pgrep -f qemu-system-x86_64 >/dev/null && nc -z 127.0.0.1 \(port)"
    // The first may come before the server listens.
    _ = try cpuTime("/bin/bash", ["bash", "-c", "until nc -z 127.0.0.1 \(port); do :; done"], variables)
    var (own, others): ([Duration], [Duration]) = ([], [])
    for _ in 0..<51 {
        own.append(try cpuTime(drover, ["drover", "healthcheck"], variables))
        others.append(try cpuTime("/bin/bash", ["bash", "-c", script], ["PATH=/usr/bin:/bin"]))
    }
    row("CPU time of a health check, bash with pgrep and nc", milliseconds(median(others)))
    let times = ratio(Double(median(own).nanoseconds), Double(median(others).nanoseconds))
    row("CPU time of drover healthcheck", "\(milliseconds(median(own))), \(times) x the script's", "under 3 ms")
}
