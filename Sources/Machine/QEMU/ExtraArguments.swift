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
        QEMUArgument.all(arguments).compactMap { argument in
            let text = quoted(argument.text, limit: 60)
            guard let option = argument.option else {
                let remedy = "for a disk set QEMU_DISKS, else check the option before it"
                return "\(text) is not an option, and QEMU takes it for a disk; \(remedy)"
            }
            if argument.isOneWord {
                return "\(text) is one word; take away the quotes around it, so that the option and its value are two"
            }
            if option.value == .always, argument.value == nil {
                return "\(text) is without its value; add it or remove the option"
            }
            return option.refusal(argument.value ?? "").map { "\(quoted("-" + argument.name)) \($0)" }
        }
    }

    /// Those of them by which the guest's system is found and started. The others add devices and what is behind them, which
    /// a test of a backup must not open a second time, and a network, which it must not have.
    public static func ofBoot(_ arguments: [String]) -> [String] {
        let names = ["append", "bios", "dtb", "fw_cfg", "initrd", "kernel", "smbios", "uuid"]
        return QEMUArgument.all(arguments).filter { names.contains($0.name) }
            .flatMap { [$0.text] + [$0.value].compactMap { $0 } }
    }
}
