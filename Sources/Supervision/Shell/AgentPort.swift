import Linux

/// A way to the guest agent.
final class AgentPort {
    private let descriptor: Descriptor
    private let epoll: Epoll

    init(_ descriptor: Descriptor, _ port: AgentClient.Port, epoll: Epoll) throws(Errno) {
        self.descriptor = descriptor
        self.epoll = epoll
        try epoll.add(descriptor, token: Source.qemu(.agent(port)).token, .readable)
    }

    /// - Parameter isProbe: left out while the guest has not read what is there already.
    func send(_ bytes: [UInt8], isProbe: Bool) {
        if isProbe, !isRead { return }
        // What is cut off here is no answer there, and asked again.
        _ = try? descriptor.write(bytes)
    }

    /// Whether the guest has read all that was sent.
    var isRead: Bool { (try? descriptor.isReadByPeer()) == true }

    /// One turn's worth; empty when there is nothing.
    func read(_ reader: Reader) -> [UInt8] {
        switch reader.read(descriptor) {
        case .bytes(let bytes): return Array(bytes)
        case .end: try? epoll.remove(descriptor)
        case .nothing: break
        }
        return []
    }
}
