/// A word of the command line that is no option.
struct Operand: Sendable {
    enum Count: Sendable {
        case one
        case optional
        /// This and all that follows, whatever it looks like.
        case rest
        /// All that follows `--`.
        case afterDashes
    }

    /// As in a synopsis, such as `FILE`.
    let name: String
    /// What it is, for messages and completion: `file`.
    let noun: String
    let kind: ValueKind
    let count: Count

    init(_ name: String, _ noun: String, _ kind: ValueKind = .text, _ count: Count = .one) {
        self.name = name
        self.noun = noun
        self.kind = kind
        self.count = count
    }

    /// What follows `--` is appended to QEMU's arguments.
    static let extraArguments = Operand("QEMU-ARG", "argument of QEMU's", .text, .afterDashes)

    /// As in a synopsis: `[FILE]`.
    var form: String {
        switch count {
        case .one: name
        case .optional: "[\(name)]"
        case .rest: "[\(name)...]"
        case .afterDashes: "[-- \(name)...]"
        }
    }
}
