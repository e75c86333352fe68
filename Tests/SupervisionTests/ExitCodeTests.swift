import Basics
import Machine
import Supervision
import Testing

@Test func faultsOfSeveralKindsAreAConfigurationError() {
    #expect(ExitCode([Fault(.unavailable, "A", "a")]) == .unavailable)
    #expect(ExitCode([Fault(.temporary, "A", "a"), Fault(.temporary, "A", "b")]) == .tryAgain)
    #expect(ExitCode([Fault(.unavailable, "A", "a"), Fault(.notPermitted, "A", "b")]) == .configuration)
}
