import Basics

/// Reads the words after a subcommand's name.
struct ArgumentReader {
    private let subcommand: Subcommand
    private var rest: ArraySlice<String>
    private var arguments = Arguments()
    private var optionsHaveEnded = false

    private init(_ subcommand: Subcommand, _ words: ArraySlice<String>) {
        self.subcommand = subcommand
        rest = words
    }

    /// - Returns: nil when help is asked for.
    static func read(_ words: ArraySlice<String>, for subcommand: Subcommand) throws(UsageError) -> Arguments? {
        var reader = ArgumentReader(subcommand, words)
        while let word = reader.rest.popFirst() {
            let isOption = word.hasPrefix("-") && word != "-" && !reader.optionsHaveEnded
            if isOption, word == "--help" || word == "-h" { return nil }
            if isOption, word == "--" {
                try reader.endOptions()
            } else if isOption {
                try reader.take(option: word)
            } else {
                try reader.take(operand: word)
            }
        }
        try reader.checkCompleteness()
        return reader.arguments
    }

    /// All that follows is QEMU's, or an operand.
    private mutating func endOptions() throws(UsageError) {
        if subcommand.takesExtraArguments {
            arguments.extra = Array(rest)
            rest = []
        } else if subcommand.operands.isEmpty {
            let others = Subcommand.all.filter(\.takesExtraArguments).map(\.title).joined(separator: ", ")
            throw UsageError(message: "\(subcommand.title) takes no QEMU arguments; those are for \(others)")
        }
        optionsHaveEnded = true
    }

    private mutating func take(option word: String) throws(UsageError) {
        // What follows the sign may be a secret, and is not repeated.
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = word.hasPrefix("--") ? parts[0] : word
        let attached = word.hasPrefix("--") && parts.count == 2 ? parts[1] : nil
        guard let option = subcommand.options.first(where: { $0.name == name }) else { throw surplus(name) }
        if arguments.flags.contains(name) || arguments.texts[name] != nil || arguments.numbers[name] != nil {
            throw UsageError(message: "\(name) is given twice; write it once")
        }
        guard let kind = option.kind else {
            if attached != nil { throw UsageError(message: "\(name) takes no value; write \(name) alone") }
            arguments.flags.insert(name)
            return
        }
        guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
            let remedy = "write drover \(subcommand.title) \(option.form)"
            throw UsageError(message: "\(name) needs \(kind.need); \(remedy)")
        }
        switch kind {
        case .text, .file: break
        case .seconds(let range):
            guard let seconds = Int(value), range.contains(seconds) else {
                let form = "write a whole number from \(range.lowerBound) to \(range.upperBound)"
                throw UsageError(message: "\(name): \(quoted(value, limit: 60)) is no time in seconds; \(form)")
            }
            arguments.numbers[name] = seconds
            return
        case .choice(let words):
            guard words().contains(value) else {
                throw .unknown("value of \(name)", value, words(), else: "write \(alternatives(words()))")
            }
        }
        arguments.texts[name] = value
    }

    private mutating func take(operand word: String) throws(UsageError) {
        let index = arguments.operands.count
        guard index < subcommand.operands.count else { throw surplus(word) }
        let operand = subcommand.operands[index]
        if operand.count == .afterDashes { throw surplus(word) }
        if case .choice(let words) = operand.kind, !words().contains(word) {
            let remedy = words().count > 5 ? "see drover help" : "write \(alternatives(words()))"
            throw .unknown(operand.noun, word, words(), else: remedy)
        }
        arguments.operands.append(word)
        if operand.count == .rest {
            arguments.operands += rest
            rest = []
        }
    }

    private func checkCompleteness() throws(UsageError) {
        if let exclusion = subcommand.exclusion, exclusion.names.filter(arguments.flags.contains).count > 1 {
            let names = exclusion.names.joined(separator: " and ")
            throw UsageError(message: "\(names): \(exclusion.reason); write one of them")
        }
        for (index, operand) in subcommand.operands.enumerated()
        where operand.count == .one && index >= arguments.operands.count {
            throw UsageError(message: "\(subcommand.title) needs a \(operand.noun); write \(subcommand.synopsis())")
        }
    }

    private func surplus(_ word: String) -> UsageError {
        if let refusal = subcommand.refusal {
            return UsageError(message: "\(refusal); write \(subcommand.synopsis())")
        }
        return .unknown("argument to \(subcommand.title)", word, subcommand.options.map(\.name) + ["--help"])
    }
}
