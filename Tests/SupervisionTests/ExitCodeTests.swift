import Basics
import Machine
import Supervision
import Testing

@Test func faultsOfSeveralKindsAreAConfigurationError() {
    #expect(ExitCode([Fault(.unavailable, "a")]) == .unavailable)
    #expect(ExitCode([Fault(.temporary, "a"), Fault(.temporary, "b")]) == .tryAgain)
    #expect(ExitCode([Fault(.unavailable, "a"), Fault(.notPermitted, "b")]) == .configuration)
}
