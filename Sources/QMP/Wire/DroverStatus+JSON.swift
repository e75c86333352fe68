import JSON

/// Members are in alphabetical order; what is nil is left out.
extension DroverStatus {
    public var jsonValue: JSONValue {
        [
            "accelerator": .string(accelerator), "acceleratorReason": .string(acceleratorReason),
            "agent": .string(agent.rawValue), "consoleSilent": .boolean(consoleIsSilent),
            "counters": counters.jsonValue,
            "forwards": .array(forwards.map(\.jsonValue)),
            "guestResets": .integer(guestResets), "lastStop": lastStop.map(JSONValue.string),
            "qemu": qemu?.jsonValue, "readyCheck": readyCheck.jsonValue, "since": .string(since),
            "state": .string(state.rawValue), "stop": stop?.jsonValue,
        ]
    }

    public init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(
            state: try json.read("state", State.init), since: try json.string("since"),
            accelerator: try json.string("accelerator"), acceleratorReason: try json.string("acceleratorReason"),
            guestResets: try json.integer("guestResets"),
            qemu: json.has("qemu") ? try json.read("qemu", QEMU.init) : nil,
            forwards: try json.list("forwards", Forward.init), readyCheck: try json.read("readyCheck", ReadyCheck.init),
            agent: try json.read("agent", AgentState.init),
            stop: json.has("stop") ? try json.read("stop", Stop.init) : nil,
            lastStop: json.has("lastStop") ? try json.string("lastStop") : nil,
            consoleIsSilent: try json.boolean("consoleSilent"), counters: try json.read("counters", Counters.init))
    }
}

extension DroverStatus.State {
    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        guard let state = json.text.flatMap(Self.init(rawValue:)) else { throw JSONMismatch(expected: "a state") }
        self = state
    }
}

extension DroverStatus.AgentState {
    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        guard let state = json.text.flatMap(Self.init(rawValue:)) else {
            throw JSONMismatch(expected: "a state of the agent")
        }
        self = state
    }
}

extension DroverStatus.QEMU {
    fileprivate var jsonValue: JSONValue { ["pid": .integer(pid), "version": .string(version)] }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(pid: try json.integer("pid"), version: try json.string("version"))
    }
}

extension DroverStatus.Forward {
    fileprivate var jsonValue: JSONValue {
        [
            "guestPort": .integer(guestPort), "hostAddress": .string(hostAddress), "hostPort": .integer(hostPort),
            "transport": .string(transport),
        ]
    }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(
            transport: try json.string("transport"), hostAddress: try json.string("hostAddress"),
            hostPort: try json.integer("hostPort"), guestPort: try json.integer("guestPort"))
    }
}

extension DroverStatus.Stop {
    fileprivate var jsonValue: JSONValue {
        ["reason": .string(reason), "rung": .string(rung), "seconds": .double(seconds)]
    }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(reason: try json.string("reason"), rung: try json.string("rung"), seconds: try json.double("seconds"))
    }
}

/// An object with one member, which is named for the case.
extension DroverStatus.ReadyCheck {
    fileprivate var jsonValue: JSONValue {
        switch self {
        case .auto(let address, let port):
            ["auto": ["address": address.map(JSONValue.string), "port": port.map { .integer($0) }]]
        case .agent: ["agent": [:]]
        case .banner(let address, let port): ["banner": ["address": .string(address), "port": .integer(port)]]
        case .http(let address, let port, let path):
            ["http": ["address": .string(address), "path": .string(path), "port": .integer(port)]]
        case .console(let pattern, let seen): ["console": ["pattern": .string(pattern), "seen": .boolean(seen)]]
        case .none: ["none": [:]]
        }
    }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        guard let members = json.members, members.count == 1, let name = members[0].name.asName else {
            throw JSONMismatch(expected: "an object with one member")
        }
        self = try json.read(name) { value throws(JSONMismatch) in try Self.init(name, value) }
    }

    private init(_ name: String, _ json: JSONValue) throws(JSONMismatch) {
        switch name {
        case "auto":
            self = .auto(
                address: json.has("address") ? try json.string("address") : nil,
                port: json.has("port") ? try json.integer("port") : nil)
        case "agent": self = .agent
        case "banner": self = .banner(address: try json.string("address"), port: try json.integer("port"))
        case "http":
            self = .http(
                address: try json.string("address"), port: try json.integer("port"), path: try json.string("path"))
        case "console": self = .console(pattern: try json.string("pattern"), seen: try json.boolean("seen"))
        case "none": self = .none
        default: throw JSONMismatch(expected: "the name of a ready check")
        }
    }
}
