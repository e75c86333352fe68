import Glibc
import Linux
import Testing

@testable import IntegrationTests

/// The engine that `scripts/dev/with-engine` has started.
enum Engine {
    /// Runs its client, and returns what that printed on both outputs.
    @discardableResult
    static func docker(_ arguments: String, _ environment: String = "", within seconds: Int = 120) throws -> String {
        try shell("\(environment) '\(client)' \(arguments) 2>&1", within: seconds)
    }

    static var client: String {
        get throws { try #require(environment("DOCKER"), "run these tests by scripts/test container") }
    }

    /// Asks until the answer is yes: what is asked here, the engine tells to those who ask only.
    static func wait(for what: String, within seconds: Int, until answer: () throws -> Bool) throws {
        let deadline = Instant.now() + .seconds(seconds)
        while try !answer() {
            guard Instant.now() < deadline else { throw Timeout(what: what) }
            usleep(200_000)
        }
    }

    struct Timeout: Error, CustomStringConvertible {
        let what: String
        var description: String { "not in time: \(what)" }
    }
}
