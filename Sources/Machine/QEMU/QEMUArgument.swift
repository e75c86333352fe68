import Basics

/// One of QEMU's options with its value, or a word that is no option.
struct QEMUArgument {
    /// As it is written.
    let text: String
    /// Without the dashes.
    let name: String
    /// What is known of the option; nil: it is none.
    let option: QEMUOption?
    private(set) var value: String?

    /// An option and its value in quotes that were meant for a shell.
    var isOneWord: Bool { text.utf8.contains(UInt8(ascii: " ")) }

    private init(_ text: String) {
        self.text = text
        // As QEMU does: one dash or two.
        name = String(text.dropFirst(text.hasPrefix("--") ? 2 : 1))
        option = text.utf8.first == UInt8(ascii: "-") ? QEMUOption.named(name) : nil
    }

    private func takes(_ next: String) -> Bool {
        guard let option, !isOneWord else { return false }
        return switch option.value {
        case .none: false
        case .always: true
        // A dash is looked at as an option: the one mistake that would let something through.
        case .unknown: next.utf8.first != UInt8(ascii: "-")
        }
    }

    static func all(_ words: [String]) -> [QEMUArgument] {
        var arguments: [QEMUArgument] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            var argument = QEMUArgument(word)
            if let next = rest.first, argument.takes(next) { argument.value = rest.removeFirst() }
            arguments.append(argument)
        }
        return arguments
    }
}
