import FoundationEssentials

/// A command to QEMU (QMP specification, "Issuing Commands").
public enum QMPCommand: String, Equatable, Hashable, Sendable {
    /// Ends capabilities negotiation; nothing else is answered before it.
    case capabilities = "qmp_capabilities"
    /// Lets the guest's CPUs run.
    case resume = "cont"
    case queryStatus = "query-status"
    /// Presses the ACPI power button.
    case powerdown = "system_powerdown"
    /// Ends QEMU, which flushes and closes the images first.
    case quit

    private struct Line: Encodable {
        let execute: String
        let id: Int
    }

    /// The line QEMU reads, with its line end.
    func encoded(id: Int) -> [UInt8] {
        // Two plain fields cannot fail to encode; an empty line is harmless to QMP.
        let line = (try? JSONEncoder().encode(Line(execute: rawValue, id: id))) ?? Data()
        return Array(line) + Array("\r\n".utf8)
    }
}
