import Basics

/// What an option's value or an operand is: checked when it is read, and offered by completion.
enum ValueKind: Sendable {
    case text
    case file
    case seconds(ClosedRange<Int>)
    /// Asked for late, as a list may come from the table of subcommands itself.
    case choice(@Sendable () -> [String])

    /// What is missing when an option has no value.
    var need: String {
        switch self {
        case .text: "a value"
        case .file: "the name of a file"
        case .seconds: "a number of seconds"
        case .choice(let words): alternatives(words())
        }
    }
}
