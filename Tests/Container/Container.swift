import Linux
import Testing

@testable import IntegrationTests

/// A container and its processes, from outside.
struct Container {
    let id: String

    func inspect(_ template: String) throws -> String {
        try Engine.docker("inspect --format '\(template)' \(id)").trimmingNewline()
    }

    func log() throws -> String {
        try Engine.docker("logs \(id)")
    }

    /// Waits for `text` in the log.
    func wait(for text: String, within seconds: Int = 180) throws {
        do {
            try Engine.wait(for: text, within: seconds) { try log().contains(text) }
        } catch let timeout as Engine.Timeout {
            Issue.record("no \"\(text)\" in the log:\n\(try log())")
            throw timeout
        }
    }

    func waitForExit(within seconds: Int) throws -> Int? {
        Int(try Engine.docker("wait \(id)", within: seconds).trimmingNewline())
    }

    /// The pids that the machine sees of PID 1 and of QEMU.
    func processes() throws -> (drover: Int32, qemu: Int32) {
        let drover = try #require(Int32(inspect("{{.State.Pid}}")))
        let children = try text(of: "/proc/\(drover)/task/\(drover)/children").split(separator: " ")
        return (drover, try #require(children.first.flatMap { Int32($0) }))
    }
}

/// A whole file of `/proc`.
func text(of path: String) throws -> String {
    String(decoding: try readFile(path, limit: 1 << 20), as: UTF8.self)
}

extension String {
    func trimmingNewline() -> String { hasSuffix("\n") ? String(dropLast()) : self }
}
