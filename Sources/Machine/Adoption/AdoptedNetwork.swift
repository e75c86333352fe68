import Basics

/// The network cards of a QEMU command line, and what leads to them.
struct AdoptedNetwork {
    struct Card {
        /// As QEMU has it; nil is the board's.
        var model: String?
        var mac: String?
        /// Of `-netdev`.
        var backendID: String?
        var backend: OptionValue?
        var option: OptionValue
    }

    private(set) var cards: [Card] = []
    private(set) var backends: [OptionValue] = []
    /// `-net` joins all of its kind.
    private(set) var legacyBackend: OptionValue?
    /// An option of the network was given, so that there is no card but those that are named.
    private(set) var isNamed = false

    mutating func add(backend: OptionValue) {
        isNamed = true
        backends.append(backend)
    }

    mutating func add(legacy option: OptionValue) {
        isNamed = true
        switch option["type"] {
        case "nic": cards.append(Card(model: option["model"], mac: option["macaddr"], option: option))
        case "none": break
        default: legacyBackend = option
        }
    }

    mutating func add(both option: OptionValue) {
        isNamed = true
        guard option["type"] != "none" else { return }
        cards.append(Card(model: option["model"], mac: option["mac"], backend: option, option: option))
    }

    mutating func add(card device: OptionValue) {
        isNamed = true
        cards.append(
            Card(model: device["driver"], mac: device["mac"], backendID: device["netdev"], option: device))
    }

    func backend(of card: Card) -> OptionValue? {
        card.backend ?? card.backendID.flatMap { id in backends.last { $0["id"] == id } } ?? legacyBackend
    }
}

extension Adoption {
    mutating func takeNetwork() {
        let isNone = network.isNamed ? network.cards.isEmpty : !hasDefaults
        guard !isNone else {
            set("QEMU_NET", "none", for: "QEMU_NET")
            return
        }
        // QEMU's own card forwards nothing.
        set("QEMU_PORTS", "none", for: "QEMU_PORTS")
        for (index, card) in network.cards.enumerated() { take(card, isFirst: index == 0) }
    }

    private mutating func take(_ card: AdoptedNetwork.Card, isFirst: Bool) {
        let model = model(of: card)
        let backend = network.backend(of: card)
        let isUser = backend.map { ["user", nil].contains($0["type"]) } ?? false
        let forwards = isUser ? backend.map { takeForwards($0) } ?? [] : []
        let isRestricted = isUser && backend?.isOn("restrict") == true
        leaveOutRest(of: card, backend, isUser)
        guard isFirst else {
            var words = [model]
            if let mac = card.mac { words.append("mac=\(mac)") }
            if isRestricted { words.append("restrict") }
            add((words + forwards.map { "forward=\($0)" }).joined(separator: " "), to: "QEMU_NICS", for: "a card")
            return
        }
        if model != Configuration.NetworkCard.e1000.rawValue { set("QEMU_NET", model, for: "a card") }
        if let mac = card.mac { set("QEMU_MAC", mac, for: "a card") }
        if isRestricted { set("QEMU_NET_RESTRICT", "on", for: "a card") }
        for forward in forwards { add(forward, to: "QEMU_PORTS", for: "hostfwd=") }
    }

    private mutating func model(of card: AdoptedNetwork.Card) -> String {
        switch card.model {
        case nil, "e1000", "e1000-82540em": return "e1000"
        case "virtio", "virtio-net", "virtio-net-pci", "virtio-net-pci-non-transitional": return "virtio"
        case "rtl8139", "pcnet": return card.model ?? ""
        case let other?:
            leaveOut(
                "the card \(quoted(other, limit: 40)): Drover has e1000, rtl8139, pcnet and virtio, and takes e1000")
            return "e1000"
        }
    }

    private mutating func leaveOutRest(of card: AdoptedNetwork.Card, _ backend: OptionValue?, _ isUser: Bool) {
        if let backend, !isUser {
            let type = quoted(backend["type"] ?? "", limit: 20)
            leaveOut(
                "a network by \(type) needs the host's; the guest is behind QEMU's NAT, and its ports are QEMU_PORTS")
        }
        let ofCard = [
            "driver", "type", "id", "netdev", "model", "mac", "macaddr", "bus", "addr", "romfile", "bootindex", "vlan",
            "name",
        ]
        let ofBackend = ["type", "id", "hostfwd", "restrict", "ipv4", "vlan", "name"]
        if let backend, isUser {
            let known =
                ofBackend + (card.backend == nil ? [] : ofCard)
                + backend.pairs.map(\.key).filter { $0.hasPrefix("hostfwd.") }
            leaveOutKeys(of: backend, but: known, in: "the user network")
        }
        if card.backend == nil { leaveOutKeys(of: card.option, but: ofCard, in: "the network card") }
    }

    /// `tcp:ADDRESS:PORT-ADDRESS:PORT`. The container listens on all its addresses, and the runtime publishes on the host's.
    private mutating func takeForwards(_ backend: OptionValue) -> [String] {
        let texts = backend.pairs.filter { $0.key == "hostfwd" || $0.key.hasPrefix("hostfwd.") }.map(\.value)
        return texts.compactMap { text in
            let halves = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let host = halves[0].split(separator: ":", omittingEmptySubsequences: false)
            let guest = halves.count > 1 ? halves[1].split(separator: ":", omittingEmptySubsequences: false) : []
            guard host.count == 3, let guestPort = guest.last, let hostPort = Int(decimal: host[2]) else {
                leaveOut("the forward \(quoted(text, limit: 60)) is not of the form tcp:ADDRESS:PORT-ADDRESS:PORT")
                return nil
            }
            if guest.count == 2, !["", "10.0.2.15"].contains(guest[0]) {
                leaveOut(
                    "the forward \(quoted(text, limit: 60)) leads to another address than 10.0.2.15; Drover's lead there"
                )
            }
            // A port under 1024 needs a capability in the container.
            let inside = hostPort < 1024 ? hostPort + 10000 : hostPort
            let isUDP = host[0] == "udp"
            let address = ["", "0.0.0.0"].contains(host[1]) ? "" : "\(host[1]):"
            let line = "\(address)\(hostPort):\(inside)\(isUDP ? "/udp" : "")"
            if !published.contains(line) { published.append(line) }
            return "\(inside):\(guestPort)\(isUDP ? "/udp" : "")"
        }
    }
}
