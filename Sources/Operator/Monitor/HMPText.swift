import Basics

/// What the human monitor says. It has no error codes, only words (QEMU, monitor/hmp.c).
enum HMPText {
    /// Whether a command's output means that it was not carried out.
    static func isFailure(_ output: String) -> Bool {
        output.split(whereSeparator: \.isNewline).contains { line in
            failures.contains { line.hasPrefix($0) } || (line.hasPrefix("Device '") && line.hasSuffix("not found"))
        }
    }

    private static let failures = ["unknown command: ", "Error: ", "Try \"help ", "invalid parameter: ", "Invalid "]

    /// The commands in the output of `help` or `help info`: what stands before ` -- `, without parameters; of several
    /// spellings (`c|cont`) each. Continued lines begin with a tab.
    static func names(inHelp output: String, prefix: String = "") -> [String] {
        output.split(whereSeparator: \.isNewline).flatMap { line -> [String] in
            guard line.holds(" -- "), line.hasPrefix(prefix), line.first?.isWhitespace == false else { return [] }
            let name = line.dropFirst(prefix.count).prefix { $0 != " " }
            return name.split(separator: "|").filter { $0.allSatisfy(isNameCharacter) }.map { prefix + $0 }
        }
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-"
    }
}
