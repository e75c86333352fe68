import Machine
import Testing

@Suite struct ShellWordsTests {
    static let split: [(text: String, words: [String])] = [
        ("", []), (" \t\n", []), ("a b", ["a", "b"]), ("  a\tb\nc\r\n", ["a", "b", "c"]),
        ("'a b' \"c d\"", ["a b", "c d"]), ("a'b'\"c\"d", ["abcd"]), ("''", [""]), ("\"\" a", ["", "a"]),
        (#"a\ b"#, ["a b"]), (#"\'\"\\"#, [#"'"\"#]), (#"'a\b'"#, [#"a\b"#]),
        (#""a\b \" \\ \$ \`""#, [#"a\b " \ $ `"#]), ("a\\\nb", ["ab"]), ("\"a\\\nb\"", ["ab"]), ("'a\nb'", ["a\nb"]),
        ("$HOME `id` $(id) * ~ # ; | &", ["$HOME", "`id`", "$(id)", "*", "~", "#", ";", "|", "&"]),
        ("\"it's\" 'say \"x\"'", ["it's", "say \"x\""]), ("é 'ü\u{301}'", ["é", "ü\u{301}"]),
    ]

    @Test(arguments: split)
    func wordsAreSplitAsAShellDoes(text: String, words: [String]) throws {
        #expect(try ShellWords.split(text) == words)
        #expect(try ShellWords.split(ShellWords.join(words)) == words)
    }

    @Test(arguments: [
        ("a 'b", ShellWords.Failure.openQuote("'", position: 3)),
        ("\"", .openQuote("\"", position: 1)), (#""a\""#, .openQuote("\"", position: 1)),
        ("it's a", .openQuote("'", position: 3)),
        (#"a\"#, .trailingBackslash), (#"\\\"#, .trailingBackslash),
    ])
    func unfinishedTextIsRefused(text: String, failure: ShellWords.Failure) {
        #expect(throws: failure) { try ShellWords.split(text) }
    }
}
