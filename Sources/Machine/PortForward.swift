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
