extension Configuration {
    public enum NetworkCard: String, CaseIterable, Sendable { case e1000, rtl8139, pcnet, virtio, none }

    /// The network card, and what leads to it.
    public struct NetworkSettings: Equatable, Sendable {
        public var card = NetworkCard.e1000
        /// Six octets, `52:54:00:…`; nil: derived from the disk.
        public var mac: String?
        public var restricted = false
        public var ports = [PortForward(hostPort: 2222, guestPort: 22), PortForward(hostPort: 8080, guestPort: 80)]
    }
}
