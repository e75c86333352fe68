// The network cards, and what leads to them.
extension Variable {
    static let network = [
        Variable(
            "QEMU_NET", .network, { $0.network.card }, { $0.network.card = $1 }, .choice,
            "The guest's network card; none: no network."),
        Variable(
            "QEMU_MAC", .network, { $0.network.mac }, { $0.network.mac = $1 }, .macAddress, orElse: "auto",
            defaultText: "auto (the same for the same disk)",
            "MAC address of the network card."),
        Variable(
            "QEMU_NET_RESTRICT", .network, { $0.network.restricted }, { $0.network.restricted = $1 }, .boolean,
            "on: the guest can reach nothing outside; forwards to it still work."),
        Variable(
            "QEMU_PORTS", .network, { $0.network.ports }, { $0.network.ports = $1 }, .portForwards,
            """
            Ports of the container that lead to the guest, each [address:]host:guest[/udp]; ranges of one \
            length, such as 8000-8010:8000-8010, are as many forwards. The address is IPv4; without one, every address \
            listens. none: no forwards.
            """,
            refused: "two forwards from the same port, and host ports under 1024 without CAP_NET_BIND_SERVICE"),
        Variable(
            "QEMU_NICS", .network, { $0.network.further }, { $0.network.further = $1 }, .furtherCards,
            """
            Network cards beside the one of QEMU_NET, each a model and what it needs, separated by blanks: \
            MODEL mac=ADDRESS restrict forward=HOST:GUEST forward=…, such as virtio forward=2223:22. A forward is written \
            as in QEMU_PORTS, and leads to the guest's address on that card. Each card has a network of its own: the first \
            10.0.2.0/24, the second 10.0.3.0/24, and so on.
            """,
            refused: """
                a MAC address or a port of the host that another card has; host ports as in QEMU_PORTS; together with \
                QEMU_NET=none
                """),
    ]
}
