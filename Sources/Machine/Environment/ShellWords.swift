import Basics

/// Words as a POSIX shell splits them, without expansion: `$`, backquotes, `*` and `~` stand for themselves.
///
/// Source: POSIX.1-2024, Shell Command Language, section 2.2.
public enum ShellWords {
    public enum Failure: Error, Equatable, Sendable {
        /// `position` counts characters from 1.
        case openQuote(Character, position: Int)
        case trailingBackslash
    }

    public static func split(_ text: String) throws(Failure) -> [String] {
        var words: [String] = []
        // Nil between words; "" is a word when it was quoted.
        var word: String?
        var quote: (mark: Character, position: Int)?
        var escaped = false
        var position = 0
        // Of scalars, so that a combining mark cannot hide a quote.
        for scalar in text.unicodeScalars {
            position += 1
            let character = Character(scalar)
            if escaped {
                escaped = false
                // A backslash before a newline joins lines.
                if scalar == "\n" { continue }
                if quote != nil, scalar != "\"", scalar != "\\", scalar != "$", scalar != "`" {
                    word = (word ?? "") + "\\"
                }
                word = (word ?? "") + String(character)
            } else if let open = quote {
                if character == open.mark {
                    quote = nil
                } else if scalar == "\\", open.mark == "\"" {
                    escaped = true
                } else {
                    word?.unicodeScalars.append(scalar)
                }
            } else {
                switch scalar {
                case "\\": escaped = true
                case "'", "\"":
                    quote = (character, position)
                    word = word ?? ""
                case " ", "\t", "\n", "\r":
                    if let finished = word { words.append(finished) }
                    word = nil
                default: word = (word ?? "") + String(character)
                }
            }
        }
        if let open = quote { throw .openQuote(open.mark, position: open.position) }
        if escaped { throw .trailingBackslash }
        if let finished = word { words.append(finished) }
        return words
    }

    /// One line that `split` takes apart into the same words.
    public static func join(_ words: [String]) -> String {
        words.map { word in
            let plain = word.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return true
                default: return "_-./:,=+@%".utf8.contains(byte)
                }
            }
            if plain && !word.isEmpty { return word }
            return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
        }.joined(separator: " ")
    }
}
