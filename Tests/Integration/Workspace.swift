import Foundation
import Linux
import Testing

/// A folder of its own for each test, removed afterwards, and the guests that `scripts/test` has built.
final class Workspace {
    let path: String

    init() throws {
        path = "\(repository)/.build/integration/\(UUID().uuidString.prefix(8))"
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
    case micro, mach

    /// Where `scripts/test` says that the disk is.
    var disk: String {
        get throws {
            try #require(
                environment("DROVER_GUEST_\(rawValue.uppercased())"), "run these tests by scripts/test integration")
        }
    }
}

/// Runs a shell command and returns what it printed; a command that fails is an error.
@discardableResult
func shell(_ command: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(command): \(process.terminationStatus)")
    return String(decoding: output, as: UTF8.self)
}
