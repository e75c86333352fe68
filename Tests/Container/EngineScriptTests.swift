import TestSupport
import Testing

/// `scripts/dev/with-engine` and `scripts/test container` where they cannot run, or are not to.
@Suite struct EngineScriptTests {
    private let script = "'\(repository)/scripts/dev/with-engine' true"

    @Test func withoutRootItIsOneLine() throws {
        let workspace = try Workspace(isOpen: true)
        let failure = try shellFailure {
            try shell(
                """
                cp -r '\(repository)/scripts' '\(workspace.path)'
                setpriv --reuid=65534 --regid=65534 --clear-groups '\(workspace.path)/scripts/dev/with-engine' true 2>&1
                """)
        }
        #expect(failure.output == "with-engine: no containers can run here: this needs root\n")
        #expect(failure.status == .exited(69))
    }

    /// flock stands in, as the real one would wait for these tests themselves.
    @Test func behindARunThatHangsItDoesNotWaitForEver() throws {
        let workspace = try Workspace()
        let bin = try workspace.programs(["flock": "echo \"flock $*\"; exit 1"])
        let failure = try shellFailure { try shell("PATH='\(bin)':$PATH \(script) 2>&1") }
        let lock = "\"\(repository)/.build/container/lock\""
        #expect(
            failure.output == """
                flock -n 7
                with-engine: waiting for another run, which holds \(lock) …
                flock -w 600 7
                with-engine: no containers can run here: another run has held \(lock) for ten minutes; end it, or wait \
                and try again

                """)
        #expect(failure.status == .exited(69))
    }

    @Test func whatIsLeftOutIsSaid() throws {
        // Where Swift is, which the script looks for first.
        let path = try #require(environment("PATH"))
        let output = try shell(
            "PATH='\(path)' DROVER_TEST_SKIP_CONTAINER=1 '\(repository)/scripts/test' container 2>&1")
        #expect(output.contains("container: the container tests were NOT run (DROVER_TEST_SKIP_CONTAINER=1)\n"))
    }
}
