import Basics

/// The rules for options that are useful, but can open the network or show a secret.
extension QEMUOption {
    /// Every user of the host can read a process's arguments.
    static let secret: @Sendable (String) -> String? = { value in
        guard OptionValue(value, impliedKey: "").pairs.contains(where: isPassword) else { return nil }
        return "has a password, which every process can read in QEMU's arguments; use password-secret and a file"
    }

    private static func isPassword(_ pair: (key: String, value: String)) -> Bool {
        pair.key == "password" || pair.key.hasSuffix(".password")
    }

    static let characterDevice: @Sendable (String) -> String? = { value in
        let options = OptionValue(value, impliedKey: "backend")
        switch options["backend"] ?? options["type"] ?? options["backend.type"] {
        case "udp", "tcp", "telnet", "websocket":
            return "opens a network port; use a Unix socket, as in -chardev socket,path=…"
        case "socket"
        where options["path"] == nil && options["addr.data.path"] == nil
            && options["backend.data.addr.data.path"] == nil:
            return "opens a network port or takes a descriptor of Drover's; use a Unix socket, as in path=…"
        default:
            return nil
        }
    }

    /// The older syntax, `tcp::4444,server=on`.
    static let oldCharacterDevice: @Sendable (String) -> String? = { value in
        for scheme in ["tcp:", "telnet:", "tn3270:", "websocket:", "udp:"] where value.hasPrefix(scheme) {
            return "opens a network port; use file:… or unix:…"
        }
        return value.hasPrefix("mon:") ? "opens a monitor; use drover monitor" : nil
    }

    /// Without an interface it is the board's, which has Drover's disks.
    static let drive: @Sendable (String) -> String? = { value in
        ["ide", "scsi"].contains(OptionValue(value, impliedKey: "file")["if"] ?? "ide")
            ? "takes a place on Drover's disk controller; set QEMU_DISKS, or add if=none" : nil
    }

    /// The machine makes such a card before any device, in the place that Drover's card is to have.
    static let networkCard: @Sendable (String) -> String? = { value in
        OptionValue(value, impliedKey: "type")["type"] == "none"
            ? nil : "takes the place of Drover's network card; set QEMU_NICS, or use -netdev and -device"
    }

    static let networkBackend: @Sendable (String) -> String? = { value in
        let options = OptionValue(value, impliedKey: "type")
        if options["hostfwd"] != nil || options.pairs.contains(where: { $0.key.hasPrefix("hostfwd.") }) {
            return "with hostfwd= opens a port; set QEMU_PORTS"
        }
        for key in ["fd", "fds", "vhostfd", "vhostfds"] where options[key] != nil {
            return "with \(key)= takes a descriptor, and QEMU has none but Drover's; remove it"
        }
        let reason = "opens a network port; connect to one with socket,connect=…, or use a Unix socket"
        switch options["type"] {
        case "user":
            // A guestfwd may be a character device that listens.
            let forwards = options.pairs.filter { $0.key == "guestfwd" || $0.key.hasPrefix("guestfwd.") }
            let listens = forwards.contains { $0.value.split(separator: ",").contains { $0.hasPrefix("server") } }
            return listens ? "with such a guestfwd= \(reason)" : nil
        case "socket":
            for key in ["listen", "mcast", "udp"] where options[key] != nil { return "with \(key)= \(reason)" }
            return nil
        case "stream":
            return options.isOn("server") && options["addr.type"] != "unix" ? reason : nil
        case "dgram":
            return options["local.type"] == "unix" ? nil : reason
        case "l2tpv3":
            return reason
        default:
            return nil
        }
    }

    /// QEMU would take UTC for it, as it does not get `TZ`.
    static let clock: @Sendable (String) -> String? = { value in
        OptionValue(value, impliedKey: "base")["base"] == "localtime"
            ? "with base=localtime needs a zone, which Drover hands to QEMU; set QEMU_RTC=localtime" : nil
    }

    static let object: @Sendable (String) -> String? = { value in
        let options = OptionValue(value, impliedKey: "qom-type")
        let type = options["qom-type"] ?? ""
        if type == "secret", options["data"] != nil {
            return "with data= shows the secret to every process; put it in a file and use file=…"
        }
        if type == "qtest" { return "of type qtest lets another program drive the machine; remove it" }
        return type.hasPrefix("monitor") ? "of type \(quoted(type)) opens a monitor; use drover monitor" : nil
    }
}
