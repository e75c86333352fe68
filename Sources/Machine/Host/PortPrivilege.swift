/// The lowest port this process may listen on (ip_unprivileged_port_start, capabilities(7)).
public enum PortPrivilege {
    private static let netBindService: UInt64 = 1 << 10

    /// The lowest port a process such as this one may listen on.
    public static func current() -> UInt16 {
        lowestPort { SmallFile.text($0, limit: 8192) }
    }

    static func lowestPort(_ read: SmallFile.Reader) -> UInt16 {
        if let status = read("/proc/self/status"), let effective = effectiveCapabilities(status),
            effective & netBindService != 0
        {
            return 1
        }
        let text = read("/proc/sys/net/ipv4/ip_unprivileged_port_start") ?? ""
        // Kernels before 4.11 lack the file, and know 1024.
        return text[...].fields(at: "\n").first.flatMap { UInt16($0) }.map { max(1, $0) } ?? 1024
    }

    /// `CapEff:	000001ffffffffff`.
    private static func effectiveCapabilities(_ status: String) -> UInt64? {
        for line in status[...].fields(at: "\n") where line.utf8.starts(with: "CapEff:".utf8) {
            let fields = line.fields(at: "\t")
            if fields.count == 2, fields[0] == "CapEff:" { return UInt64(fields[1], radix: 16) }
        }
        return nil
    }
}
