import Testing

@testable import IntegrationTests

@Suite(.serialized) struct ImageTests {
    @Test func probe() throws {
        #expect(try shell("echo hello") == "hello\n")
    }
}
