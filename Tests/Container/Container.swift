import Linux
import TestSupport
import Testing

/// A container and its processes, from outside.
struct Container {
    let id: String
    /// Whose engine has it.
    var node = 1

    func inspect(_ template: String) throws -> String {
        try Engine.docker("inspect --format '\(template)' \(id)", on: node).trimmingNewline()
    }

    func log() throws -> String {
        try Engine.docker("logs \(id)", on: node)
    }

    /// Waits for `text` in the log.
    func wait(for text: String, within seconds: Int = 180) throws {
        let deadline = Instant.within(seconds)
        while Instant.now() < deadline {
            let (client, lines) = try Engine.follow(["logs", "--follow", id], on: node)
            defer { withExtendedLifetime(client) {} }
            if try lines.find(text, until: deadline) != nil { return }
            // The log ends with the container, which may be between two lives.
            guard lines.hasEnded else { break }
            try Engine.wait(for: "the next start of a container; then \(text)", within: seconds) {
                try inspect("{{.State.Running}}") == "true"
            }
        }
        throw TestFailure.missing("\(text.debugDescription) in the container's log", seen: try log())
    }

    func waitForExit(within seconds: Int) throws -> Int? {
        Int(try Engine.docker("wait \(id)", on: node, within: seconds).trimmingNewline())
    }

    /// The pids that the machine sees of PID 1 and of QEMU.
    func processes() throws -> (drover: Int32, qemu: Int32) {
        let drover = try #require(Int32(inspect("{{.State.Pid}}")))
        return (drover, try #require(children(of: drover).first))
    }
}
