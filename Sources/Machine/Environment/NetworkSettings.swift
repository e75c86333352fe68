extension Configuration {
    public enum NetworkCard: String, CaseIterable, Sendable { case e1000, rtl8139, pcnet, virtio, none }

    /// The network cards, and what leads to them.
    public struct NetworkSettings: Equatable, Sendable {
        public var card = NetworkCard.e1000
        /// Six octets, `52:54:00:…`; nil: derived from the disk.
        public var mac: String?
        public var restricted = false
        public var ports = [PortForward(hostPort: 2222, guestPort: 22), PortForward(hostPort: 8080, guestPort: 80)]
        /// Those beside the first.
        public var further: [FurtherCard] = []

        /// Every forward, with the variable that asks for it; none without a network.
        var forwards: [(variable: String, forward: PortForward)] {
            guard card != .none else { return [] }
            let others = further.flatMap(\.forwards)
            return ports.map { ("QEMU_PORTS", $0) } + others.map { ("QEMU_NICS", $0) }
        }
    }
}
