import Basics
import JSON
import Machine
import QMP

extension DroverStatus {
    /// One `name: value` a line, the values in one column.
    public var text: String {
        var rows: [(String, String)] = [
            ("state", state.rawValue), ("since", since), ("accelerator", "\(accelerator): \(acceleratorReason)"),
            ("QEMU", qemu.map { "\($0.version), pid \($0.pid)" } ?? absence),
            ("guest resets", guestResets == 0 ? "none" : String(guestResets)),
        ]
        rows +=
            forwards.isEmpty
            ? [("forwards", "none")] : forwards.enumerated().map { ($0 == 0 ? "forwards" : "", $1.text) }
        rows += [("ready check", readyCheck.text), ("agent", agent.text)]
        if let stop {
            let seconds = Int((stop.seconds * 10).rounded())
            let since = "\(seconds / 10).\(seconds % 10) s ago"
            rows.append(("stop", "\(stop.reason), \(since); now at \(stop.rung)"))
        }
        if let lastStop { rows.append(("last stop", lastStop)) }

        let width = (rows.map(\.0.count).max() ?? 0) + 2
        return rows.map { name, value in
            let label = name.isEmpty ? "" : name + ":"
            return padded(label, width) + terminalLine(value) + "\n"
        }.joined()
    }

    private var absence: String { state == .off ? QMPServer.poweredOff : "has not greeted yet" }

    /// The JSON as PID 1 gives it, with names in order, and one line end.
    public var json: String {
        jsonValue.encodedText(.readable) + "\n"
    }
}

extension DroverStatus.Forward {
    fileprivate var text: String { "\(hostAddress):\(hostPort) -> guest port \(guestPort), \(transport)" }
}

extension DroverStatus.ReadyCheck {
    fileprivate var text: String {
        switch self {
        case .auto(let address, .some(let port)):
            "auto: the agent when it answers, else bytes from the guest on \(address ?? "127.0.0.1"):\(port)"
        case .auto(_, nil): "auto: the agent when it answers; no port leads to the guest's SSH"
        case .agent: "agent: guest-ping"
        case .banner(let address, let port): "banner: bytes from the guest on \(address):\(port)"
        case .http(let address, let port, let path): "http: GET http://\(address):\(port)\(path)"
        case .console(let pattern, let seen): "console: \(quoted(pattern)), \(seen ? "seen" : "not seen yet")"
        case .none: "none"
        }
    }
}

extension DroverStatus.AgentState {
    fileprivate var text: String {
        switch self {
        case .off: "off: the machine has no port for one"
        case .silent: "silent: nobody answers"
        case .answering: "answering"
        }
    }
}
