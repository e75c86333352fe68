import Linux
import TestSupport

/// The engine that `scripts/dev/with-engine` has started.
enum Engine {
    /// Runs its client, and returns what that printed on both outputs.
    @discardableResult
    static func docker(_ arguments: String, _ environment: String = "", within seconds: Int = 120) throws -> String {
        try shell("\(environment) '\(client)' \(arguments) 2>&1", within: seconds)
    }

    static var client: String {
        get throws { try prepared("DOCKER") }
    }

    /// Starts its client, for what goes on until the client is killed.
    static func follow(_ arguments: [String]) throws -> (client: ChildProcess, output: Transcript) {
        let (reading, writing) = try Descriptor.pipe()
        let docker = try ChildProcess(
            try client, arguments, descriptors: [try Descriptor.open("/dev/null"), writing, writing])
        return (docker, Transcript(of: reading, named: "docker \(arguments.joined(separator: " "))"))
    }

    /// Asks until the answer is yes: anew after each of the engine's events, and after a second without one, as the state
    /// of a swarm's task is told to those who ask only.
    static func wait(for what: String, within seconds: Int, until answer: () throws -> Bool) throws {
        let deadline = Instant.now() + .seconds(seconds)
        let (client, events) = try follow(["events"])
        defer { withExtendedLifetime(client) {} }
        while try !answer() {
            guard Instant.now() < deadline, !events.hasEnded else { throw TestFailure.missing(what, seen: events.text) }
            _ = try events.find("\n", until: min(deadline, .now() + .seconds(1)))
        }
    }
}
