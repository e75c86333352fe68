import Basics

/// What an owner may add to QEMU's command line: everything but what opens a monitor or a network port, takes over
/// what Drover owns, or shows a secret to `ps`.
///
/// An owner who wants harm can have it anyway; this keeps one who copies a line from a tutorial from opening the
/// machine to the network.
public enum ExtraArguments {
    /// One fault per refused option. `source` is where the arguments come from, such as `QEMU_EXTRA_ARGS`.
    public static func refusals(in arguments: [String], source: String) -> [Fault] {
        reasons(in: arguments).map { Fault(.configuration, source, $0) }
    }

    /// The faults without their source. Of a value no more than a key is shown: it may be a secret.
    static func reasons(in arguments: [String]) -> [String] {
        var reasons: [String] = []
        var index = 0
        while index < arguments.count {
            let argument = arguments[index]
            index += 1
            guard argument.utf8.first == UInt8(ascii: "-") else {
                let remedy = "for a disk set QEMU_DISKS, else check the option before it"
                reasons.append(
                    "\(quoted(argument, limit: 60)) is not an option, and QEMU takes it for a disk; \(remedy)")
                continue
            }
            if argument.utf8.contains(UInt8(ascii: " ")) {
                reasons.append(
                    "\(quoted(argument, limit: 60)) is one word; take away the quotes around it, "
                        + "so that the option and its value are two")
                continue
            }
            // As QEMU does: one dash or two.
            let name = String(argument.dropFirst(argument.hasPrefix("--") ? 2 : 1))
            let rule = QEMUOption.named(name)
            var value: String?
            switch rule.value {
            case .none: break
            case .always:
                guard index < arguments.count else {
                    reasons.append("\(quoted(argument, limit: 60)) is without its value; add it or remove the option")
                    continue
                }
                value = arguments[index]
                index += 1
            case .unknown:
                // A dash is looked at as an option: the one mistake that would let something through.
                if index < arguments.count, arguments[index].utf8.first != UInt8(ascii: "-") { index += 1 }
            }
            if let reason = rule.refusal(value ?? "") {
                reasons.append("\(quoted("-" + name)) \(reason)")
            }
        }
        return reasons
    }
}
