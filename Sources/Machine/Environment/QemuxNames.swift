import Basics

/// Names of the image qemux/qemu, for those who come from there: what is wanted is known, so silence would be a surprise.
enum QemuxNames {
    /// Each with the variable here, and the value here that means the same; nil: there is none.
    static let all: [(name: String, variable: String, value: @Sendable (String) -> String?)] = [
        ("RAM_SIZE", "QEMU_RAM", { $0 }),
        ("CPU_CORES", "QEMU_SMP", { $0 }),
        ("USER_PORTS", "QEMU_PORTS", forwards),
        ("DISK_TYPE", "QEMU_STORAGE", { ["scsi", "blk"].contains($0) ? "virtio" : $0 }),
        ("ARGUMENTS", "QEMU_EXTRA_ARGS", { $0 }),
        ("BOOT_MODE", "QEMU_FIRMWARE", { ["legacy": "bios", "secure": "uefi"][$0] ?? $0 }),
    ]

    static func faults(in environment: [String: String]) -> [Fault] {
        func value(_ name: String) -> String? {
            environment[name].map { String($0[...].trimmed) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        return all.compactMap { name, variable, translate in
            guard let value = value(name) else { return nil }
            let loss = name == "BOOT_MODE" && value == "secure" ? "Secure Boot is not offered; " : ""
            return Fault(
                .configuration, name, "a name of qemux/qemu's; \(loss)\(remedy(variable, translate(value)))")
        }
    }

    /// With the line to write, if the variable takes that value.
    private static func remedy(_ name: String, _ value: String?) -> String {
        guard let variable = Variable.all.first(where: { $0.name == name }) else { return "" }
        var configuration = Configuration()
        if let value, (try? variable.read(value, into: &configuration)) != nil {
            return "write \(quoted("\(name)=\(value)", limit: 500)) in its place"
        }
        return "use \(name) in its place: \(variable.form)"
    }

    /// `22,80/udp` there are the same ports on both sides.
    private static func forwards(_ ports: String) -> String? {
        ports.split(separator: ",").map { port in
            let number = port.trimmed.prefix { $0 != "/" }
            return "\(number):\(port.trimmed)"
        }.joined(separator: ",")
    }
}
