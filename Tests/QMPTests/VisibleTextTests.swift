import Basics
import Testing

@testable import QMP

@Test func whatAClientWroteIsShownSafely() {
    for scalar in (0...UInt32(0x10FFFF)).lazy.compactMap(Unicode.Scalar.init) {
        let shown = String(visible: String(scalar).utf8, limit: 64)
        guard !shown.unicodeScalars.elementsEqual(scalar.legible.unicodeScalars) else { continue }
        Issue.record("U+\(String(scalar.value, radix: 16)): \(shown.debugDescription)")
        break
    }
}

@Test(arguments: [
    ("stop", "stop"), ("a\nb", #"a\u{a}b"#), ("\u{202E}év", #"\u{202e}év"#), ("12345678901", "1234567890…"),
    // An escape is shown whole or not at all.
    ("12345678\n", "12345678…"),
])
func whatAClientWroteIsBounded(_ text: String, _ shown: String) {
    #expect(String(visible: text.utf8, limit: 10) == shown)
}
