import Foundation
import Linux
import Testing

/// A folder of its own for each test, removed afterwards, and the guests that `scripts/test` has built.
final class Workspace {
    let path: String

    /// - Parameter isOpen: where other users get to, as the repository may lie in a folder that is closed to them; or so deep
    ///   that a socket in it has no name of 107 bytes.
    init(isOpen: Bool = repository.utf8.count > 60) throws {
        let name = UUID().uuidString.prefix(8)
        path = isOpen ? "/tmp/drover-\(name)" : "\(repository)/.build/integration/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// A fresh overlay over a guest's disk, which stays as it is; the disk itself lies in the same folder.
    func disk(_ guest: Guest, named name: String = "disk.qcow2") throws -> String {
        let original = try guest.disk
        try shell("cp --reflink=auto '\(original)' '\(path)/\(name)'")
        return "\(path)/\(name)"
    }

    /// Variables for a run on `disk` that takes no port of the machine and little memory.
    func variables(disk: String, _ more: [String: String] = [:]) -> [String: String] {
        [
            "QEMU_DRIVE": disk, "QEMU_RAM": "256", "QEMU_PORTS": "", "QEMU_NET": "none", "QEMU_ACCEL": "tcg",
            "DROVER_RUNTIME_DIR": "\(path)/run",
        ].merging(more) { $1 }
    }

    /// A folder for PATH in which `qemu-system-x86_64` is the stand-in.
    func standInPath() throws -> String {
        let bin = "\(path)/bin"
        try shell("mkdir -p '\(bin)' && ln -sf '\(repository)/.build/debug/StandIn' '\(bin)/qemu-system-x86_64'")
        return bin
    }

    /// A folder for PATH with programs that stand in for those of the system: bodies of shell scripts by name.
    func programs(_ bodies: [String: String]) throws -> String {
        let bin = "\(path)/programs"
        try FileManager.default.createDirectory(atPath: bin, withIntermediateDirectories: true)
        for (name, body) in bodies {
            try "#!/bin/sh\n\(body)\n".write(toFile: "\(bin)/\(name)", atomically: true, encoding: .utf8)
            try shell("chmod +x '\(bin)/\(name)'")
        }
        return bin
    }

    /// mv, whose -n says that it has not moved (coreutils 9.2 and newer), and an older one, whose -n does not.
    static let movers = ["echo \"mv: not replacing '$last'\" >&2; exit 1", "exit 0"].map {
        "for last; do :; done; [ \"$1\" = -n ] && [ -e \"$last\" ] && { \($0); }; exec /bin/mv \"$@\""
    }

    /// Variables for a run of the stand-in, on an empty raw disk.
    func standInVariables(_ more: [String: String] = [:]) throws -> [String: String] {
        try shell("truncate -s 1M '\(path)/empty.raw'")
        return variables(disk: "\(path)/empty.raw", ["QEMU_DRIVE_FORMAT": "raw"].merging(more) { $1 })
    }

    func standInRun(
        _ arguments: [String], _ more: [String: String] = [:], stdout: Descriptor? = nil
    ) throws -> DroverRun {
        try DroverRun(["run", "--"] + arguments, standInVariables(more), path: standInPath(), stdout: stdout)
    }

    /// The same as words of a shell command: `env -i NAME='VALUE' …`.
    func standInEnvironment(_ more: [String: String] = [:]) throws -> String {
        let assignments = try standInVariables(more).map { "\($0)='\($1)'" }.joined(separator: " ")
        return try "/usr/bin/env -i PATH='\(standInPath())' \(assignments)"
    }
}

enum Guest: String {
    case micro, mach, debian, pristine

    /// Where `scripts/test` says that the disk is.
    var disk: String {
        get throws {
            try #require(
                environment("DROVER_GUEST_\(rawValue.uppercased())"), "run these tests by scripts/test integration")
        }
    }
}

/// A shell command that failed, or did not end in time.
struct ShellFailure: Error, CustomStringConvertible {
    let command: String
    let status: WaitStatus?
    let output: String
    var description: String { "\(command)\n\(status.map { "\($0)" } ?? "did not end in time")\n\(output)" }
}

/// Runs a shell command and returns what it printed; a command that fails, or takes too long, is an error.
///
/// Not by Foundation's `Process`, whose children inherit the blocked signals of the thread they come from.
@discardableResult
func shell(_ command: String, within seconds: Int = 120) throws -> String {
    let (pid, reading) = try startShell(command)
    let deadline = Instant.now() + .seconds(seconds)
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while try reading.wait(until: .readable, deadline) {
        let count = try buffer.withUnsafeMutableBytes { try reading.read(into: $0) }
        if count == 0 {
            let status = try waitForChild(pid)
            let text = String(decoding: output, as: UTF8.self)
            if status != .exited(0) { throw ShellFailure(command: command, status: status, output: text) }
            return text
        }
        output += buffer.prefix(count)
    }
    try send(.kill, to: -pid)
    _ = try waitForChild(pid)
    throw ShellFailure(command: command, status: nil, output: String(decoding: output, as: UTF8.self))
}

/// How a shell command failed that must.
func shellFailure(_ body: () throws -> String) throws -> ShellFailure {
    do {
        let output = try body()
        throw ShellFailure(command: "a command that must fail", status: .exited(0), output: output)
    } catch let failure as ShellFailure where failure.status != .exited(0) {
        return failure
    }
}

/// In a function of its own: our copy of the pipe's writing end goes when it returns, so that the pipe can end.
private func startShell(_ command: String) throws -> (pid: Int32, output: Descriptor) {
    let (reading, writing) = try Descriptor.pipe()
    let pid = try Spawn(
        path: "/bin/sh", arguments: ["sh", "-c", command], environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
        descriptors: [try Descriptor.open("/dev/null"), writing, try Descriptor.duplicate(of: 2)],
        parentDeathSignal: .kill
    ).start()
    return (pid, reading)
}
