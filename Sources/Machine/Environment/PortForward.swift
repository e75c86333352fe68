import Basics

/// One port of the host that leads to one port of the guest (QEMU's `hostfwd`).
public struct PortForward: Equatable, Hashable, Sendable {
    public enum Transport: String, Sendable {
        case tcp, udp
    }

    public let transport: Transport
    /// An IPv4 address to listen on; nil means every address.
    public let hostAddress: String?
    public let hostPort: UInt16
    public let guestPort: UInt16

    public init(_ transport: Transport = .tcp, hostAddress: String? = nil, hostPort: UInt16, guestPort: UInt16) {
        self.transport = transport
        self.hostAddress = hostAddress
        self.hostPort = hostPort
        self.guestPort = guestPort
    }
}

extension PortForward {
    /// `[address:]host:guest[/udp]`, where both ports may be ranges of one length, such as `8000-8010:8000-8010`.
    static func parse(_ text: String) throws(Rejection) -> [PortForward] {
        var ports = text[...]
        var transport = Transport.tcp
        if let slash = text.firstIndex(of: "/") {
            ports = text[..<slash]
            guard let named = Transport(rawValue: text[text.index(after: slash)...].lowercased()) else {
                throw Rejection(text, "names an unknown protocol; write nothing, /tcp or /udp at the end")
            }
            transport = named
        }
        guard ports.utf8.first != UInt8(ascii: "[") else {
            let remedy = "write no address or an IPv4 one; publishing a port on IPv6 is the container runtime's part"
            throw Rejection(text, "has an IPv6 address, and QEMU's user network forwards IPv4 alone; \(remedy)")
        }
        let fields = ports.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count == 2 || fields.count == 3 else {
            throw Rejection(text, "is not a forward; write [address:]host:guest[/udp], such as 2222:22")
        }
        guard let host = Self.ports(fields[fields.count - 2]), let guest = Self.ports(fields[fields.count - 1]) else {
            throw Rejection(
                text, "has a port that is not a number from 1 to 65535; write such as 2222:22 or 8000-8010:8000-8010")
        }
        guard host.count == guest.count else {
            throw Rejection(text, "has \(host.count) host ports and \(guest.count) guest ports; write as many of each")
        }
        var address: String?
        if fields.count == 3 {
            guard Self.isIPv4(fields[0]) else {
                throw Rejection(text, "has no IPv4 address before the ports; write such as 127.0.0.1:2222:22")
            }
            address = fields[0] == "0.0.0.0" ? nil : String(fields[0])
        }
        return zip(host, guest).map {
            PortForward(transport, hostAddress: address, hostPort: $0, guestPort: $1)
        }
    }

    /// The form `parse` reads.
    public var text: String {
        let address = hostAddress.map { "\($0):" } ?? ""
        return "\(address)\(hostPort):\(guestPort)\(transport == .udp ? "/udp" : "")"
    }

    public var listeningAddress: String { hostAddress ?? "0.0.0.0" }

    /// Whether both would listen on the same socket address: no address is every address.
    func overlaps(_ other: PortForward) -> Bool {
        transport == other.transport && hostPort == other.hostPort
            && (hostAddress == nil || other.hostAddress == nil || hostAddress == other.hostAddress)
    }

    private static func ports(_ text: Substring) -> ClosedRange<UInt16>? {
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(port)
        guard let first = ends[0], let last = ends[ends.count - 1], first <= last else { return nil }
        return first...last
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard let number = Int(decimal: text), (1...65535).contains(number) else { return nil }
        return UInt16(number)
    }

    /// Four decimal octets; a leading zero is refused because some readers take it for octal.
    static func isIPv4(_ text: Substring) -> Bool {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4
            && octets.allSatisfy { octet in
                guard let number = Int(decimal: octet), number <= 255 else { return false }
                return octet.utf8.count == 1 || octet.first != "0"
            }
    }
}

extension [PortForward] {
    /// More would only be a mistake, and each one is compared with all the others.
    static var most: Int { 256 }
    fileprivate static var tooMany: String { "are more forwards than the \(most) that are possible; name fewer" }

    /// Reason and remedy, when one of these has a port that `forward` takes.
    func objection(to forward: PortForward) -> String? {
        first { $0.overlaps(forward) }.map {
            "takes a port that \($0.text) has already; use another host port or address"
        }
    }

    /// Reads one more, or a range of them, which must take no port that one before has.
    ///
    /// - Parameter text: the whole list, for the message.
    mutating func add(_ item: String, of text: String? = nil) throws(Rejection) {
        let more = try PortForward.parse(item)
        // Before they are compared with one another.
        guard count + more.count <= Self.most else { throw Rejection(text ?? item, Self.tooMany) }
        for forward in more {
            if let reason = objection(to: forward) { throw Rejection(item, reason) }
        }
        self += more
    }
}

extension ValueSyntax where Value == [PortForward] {
    static var portForwards: ValueSyntax<[PortForward]> {
        ValueSyntax("FORWARD,…|none", range: "at most \([PortForward].most)") { text throws(Rejection) in
            if text.lowercased() == "none" { return [] }
            let items = text.split(separator: ",", omittingEmptySubsequences: false)
            guard items.count <= [PortForward].most else { throw Rejection(text, [PortForward].tooMany) }
            var forwards: [PortForward] = []
            var messages: [String] = []
            for item in items.map({ String($0.trimmed) }) {
                do throws(Rejection) {
                    guard !item.isEmpty else { throw Rejection(text, "has an empty entry; remove a comma") }
                    try forwards.add(item, of: text)
                } catch {
                    messages += error.messages
                }
            }
            guard messages.isEmpty else { throw Rejection(messages: messages) }
            return forwards
        } show: { forwards in
            forwards.isEmpty ? "none" : forwards.map(\.text).joined(separator: ",")
        }
    }
}
