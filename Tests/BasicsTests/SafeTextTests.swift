import Basics
import Testing

@Suite struct SafeTextTests {
    /// Every scalar there is.
    private static let scalars = (0...UInt32(0x10FFFF)).compactMap { Unicode.Scalar($0) }

    private static func faults(_ isGood: (Unicode.Scalar) -> Bool) -> [String] {
        scalars.filter { !isGood($0) }.prefix(5).map { "U+\(String($0.value, radix: 16))" }
    }

    @Test func safeIsWhatUnicodeCallsNeitherAControlNorASeparatorOfLines() {
        let faults = Self.faults { scalar in
            let properties = scalar.properties
            return switch properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: !scalar.isSafeToShow
            default: scalar.isSafeToShow == !properties.isBidiControl
            }
        }
        #expect(faults == [])
    }

    @Test(arguments: ["e\u{301}", "👩‍👩‍👧", "❤️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "ไทย\u{200B}ไทย", "می\u{200C}خواهم", "\u{E000}", "\u{1FAFF}"])
    func textOfEveryLanguageIsSafe(_ text: String) {
        #expect(text.unicodeScalars.allSatisfy { $0.isSafeToShow })
    }

    @Test func aQuotedTextIsSafeAndHidesNothing() {
        let faults = Self.faults { scalar in
            quoted(String(scalar)).unicodeScalars.allSatisfy {
                $0.isSafeToShow && !$0.properties.isDefaultIgnorableCodePoint
            }
        }
        #expect(faults == [])
    }

    @Test(arguments: [
        ("a\"b\\c", #""a\"b\\c""#), ("a\n\r\tb", #""a\n\r\tb""#), ("\u{1B}[2J\u{202E}", #""\u{1b}[2J\u{202e}""#),
        ("soft\u{AD}hyphen\u{200B}\u{FEFF}", #""soft\u{ad}hyphen\u{200b}\u{feff}""#), ("äλ漢", "\"äλ漢\""),
    ])
    func whatCannotBeSeenIsEscapedInAName(_ text: String, _ expected: String) {
        #expect(quoted(text) == expected)
    }

    @Test func aWordOfTheShellIsSafe() {
        let faults = Self.faults { shellQuoted(String($0)).unicodeScalars.allSatisfy(\.isSafeToShow) }
        #expect(faults == [])
    }
}
