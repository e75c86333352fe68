import Linux
import TestSupport

/// The engines that `scripts/dev/with-engine` has started; the first, unless another node is named.
enum Engine {
    /// Runs its client, and returns what that printed on both outputs.
    @discardableResult
    static func docker(
        _ arguments: String, _ environment: String = "", on node: Int = 1, within seconds: Int = 120
    ) throws -> String {
        let words = try clientWords(on: node).map { "'\($0)'" }.joined(separator: " ")
        return try shell("\(environment) \(words) \(arguments) 2>&1", within: seconds)
    }

    static var client: String {
        get throws { try prepared("DOCKER") }
    }

    /// Runs any command where node `node` is.
    @discardableResult
    static func run(_ command: String, on node: Int, within seconds: Int = 120) throws -> String {
        try shell("'\(onNode)' \(node) \(command) 2>&1", within: seconds)
    }

    /// Where a node is for the others.
    static func address(of node: Int) -> String { "192.168.77.\(node)" }

    private static var onNode: String {
        get throws { try client.dropLast("docker".count) + "on-node" }
    }

    private static func clientWords(on node: Int) throws -> [String] {
        node == 1 ? [try client] : [try onNode, "\(node)", "docker"]
    }

    /// Starts its client, for what goes on until the client is killed.
    static func follow(_ arguments: [String], on node: Int = 1) throws -> (client: ChildProcess, output: Transcript) {
        let (reading, writing) = try Descriptor.pipe()
        let words = try clientWords(on: node) + arguments
        let docker = try ChildProcess(
            words[0], Array(words.dropFirst()), descriptors: [try Descriptor.open("/dev/null"), writing, writing])
        return (docker, Transcript(of: reading, named: "docker \(arguments.joined(separator: " "))"))
    }

    /// Asks until the answer is yes: anew after each of the engine's events, and after a second without one, as the state
    /// of a swarm's task is told to those who ask only.
    static func wait(for what: String, within seconds: Int, until answer: () throws -> Bool) throws {
        let deadline = Instant.within(seconds)
        let (client, events) = try follow(["events"])
        defer { withExtendedLifetime(client) {} }
        while try !answer() {
            guard Instant.now() < deadline, !events.hasEnded else { throw TestFailure.missing(what, seen: events.text) }
            _ = try events.find("\n", until: min(deadline, .now() + .seconds(1)))
        }
    }
}
