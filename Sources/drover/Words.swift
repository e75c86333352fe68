import Basics
import Machine

/// The words after a subcommand's name, sorted into what it takes.
struct Words {
    private(set) var flags: Set<String> = []
    private(set) var values: [String: String] = [:]
    private(set) var operands: [String] = []
    /// --help is among them.
    private(set) var asksForHelp = false

    private let subcommand: String
    private let known: [String]

    /// - Parameters:
    ///   - subcommand: its name, for messages.
    ///   - valued: options that are followed by a value.
    ///   - operands: how many there may be at the most.
    ///   - endsAtOperand: the first operand and all that follows belong together, whatever they look like.
    init(
        _ words: ArraySlice<String>, of subcommand: String, flags knownFlags: [String] = [], valued: [String] = [],
        operands limit: Int = 0, endsAtOperand: Bool = false
    ) throws(Invocation.UsageError) {
        self.subcommand = subcommand
        known = knownFlags + valued + ["--help"]
        var rest = words
        while let word = rest.popFirst() {
            if word == "--help" || word == "-h" {
                asksForHelp = true
            } else if knownFlags.contains(word), !flags.contains(word) {
                flags.insert(word)
            } else if valued.contains(word), values[word] == nil {
                guard let value = rest.popFirst() else {
                    throw Invocation.UsageError(message: "\(word) needs a value; see drover help \(subcommand)")
                }
                values[word] = value
            } else if endsAtOperand, !word.hasPrefix("-") {
                operands = [word] + rest
                return
            } else if operands.count < limit, word == "-" || !word.hasPrefix("-") {
                operands.append(word)
            } else {
                throw .unknown("argument to \(subcommand)", word, known)
            }
        }
    }

    /// The value of an option that takes a whole number of seconds.
    func seconds(_ option: String, _ range: ClosedRange<Int>) throws(Invocation.UsageError) -> Int? {
        guard let text = values[option] else { return nil }
        guard let seconds = Int(text), range.contains(seconds) else {
            let form = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw Invocation.UsageError(message: "\(option): \(quoted(text, limit: 60)) is no time in seconds; \(form)")
        }
        return seconds
    }
}
