import Basics
import Testing

@Test(
    arguments: [
        ("moniter", "monitor"), ("chekc", "check"), ("healthchek", "healthcheck"), ("rnu", "run"), ("run", "run"),
        ("x", nil), ("", nil), ("frobnicate", nil), ("stop!!!!", nil),
    ] as [(String, String?)])
func theNearestWordIsSuggested(word: String, expected: String?) {
    let commands = ["run", "check", "monitor", "console", "healthcheck", "stop", "help"]
    #expect(nearest(to: word, in: commands) == expected)
}
