/// What was typed after a subcommand's name, checked against its declaration.
struct Arguments: Equatable, Sendable {
    var flags: Set<String> = []
    var texts: [String: String] = [:]
    var numbers: [String: Int] = [:]
    var operands: [String] = []
    /// What follows `--`.
    var extra: [String] = []

    func has(_ flag: Option) -> Bool { flags.contains(flag.name) }
    func text(_ option: Option) -> String? { texts[option.name] }
    func seconds(_ option: Option) -> Int? { numbers[option.name] }

    /// - Parameter index: of one that may be left out, or that the parser has seen to.
    func operand(_ index: Int) -> String? { operands.indices.contains(index) ? operands[index] : nil }
}
