import JSON

extension DroverStatus {
    /// What PID 1 has counted since its start; metrics are made of it.
    public struct Counters: Equatable, Sendable {
        /// The stop of this run: how far it has climbed, and what came of it.
        public struct Stop: Equatable, Sendable {
            public enum Outcome: String, CaseIterable, Sendable {
                case underWay = "under_way"
                /// The guest came down by itself, or had nothing left to lose.
                case clean
                /// It did not, and is cut off.
                case cutOff = "cut_off"
            }

            /// 1 to 4.
            public let rung: Int
            public let outcome: Outcome

            public init(rung: Int, outcome: Outcome) {
                (self.rung, self.outcome) = (rung, outcome)
            }
        }

        public struct Restarts: Equatable, Sendable {
            public let child: String
            public let count: Int

            public init(child: String, count: Int) {
                (self.child, self.count) = (child, count)
            }
        }

        /// Of those who are no children of PID 1's.
        public struct Commands: Equatable, Sendable {
            public var good = 0
            public var failed = 0
            /// By `QMP_POLICY`.
            public var refused = 0

            public init(good: Int = 0, failed: Int = 0, refused: Int = 0) {
                (self.good, self.failed, self.refused) = (good, failed, refused)
            }

            enum Outcome: Sendable { case good, failed, refused }

            mutating func count(_ outcome: Outcome) {
                switch outcome {
                case .good: good += 1
                case .failed: failed += 1
                case .refused: refused += 1
                }
            }
        }

        /// In milliseconds since 1970.
        public var started = 0
        public var orphansReaped = 0
        public var logLinesLost = 0
        public var consoleBytesIn = 0
        public var consoleBytesOut = 0
        public var clients = 0
        public var commands = Commands()
        public var restarts: [Restarts] = []
        public var guestPanics = 0
        public var stop: Stop?
        /// Of the run before this one, when the runtime directory has outlived it.
        public var lastExit: Int?

        public init() {}
    }
}

/// Members are in alphabetical order; what is nil is left out.
extension DroverStatus.Counters {
    var jsonValue: JSONValue {
        [
            "clients": .integer(clients), "commands": commands.jsonValue, "consoleBytesIn": .integer(consoleBytesIn),
            "consoleBytesOut": .integer(consoleBytesOut), "guestPanics": .integer(guestPanics),
            "lastExit": lastExit.map { .integer($0) }, "logLinesLost": .integer(logLinesLost),
            "orphansReaped": .integer(orphansReaped), "restarts": .array(restarts.map(\.jsonValue)),
            "started": .integer(started), "stop": stop?.jsonValue,
        ]
    }

    init(_ json: JSONValue) throws(JSONMismatch) {
        clients = try json.integer("clients")
        commands = try json.read("commands", Commands.init)
        consoleBytesIn = try json.integer("consoleBytesIn")
        consoleBytesOut = try json.integer("consoleBytesOut")
        guestPanics = try json.integer("guestPanics")
        lastExit = json.has("lastExit") ? try json.integer("lastExit") : nil
        logLinesLost = try json.integer("logLinesLost")
        orphansReaped = try json.integer("orphansReaped")
        restarts = try json.list("restarts", Restarts.init)
        started = try json.integer("started")
        stop = json.has("stop") ? try json.read("stop", Stop.init) : nil
    }
}

extension DroverStatus.Counters.Commands {
    fileprivate var jsonValue: JSONValue {
        ["failed": .integer(failed), "good": .integer(good), "refused": .integer(refused)]
    }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(
            good: try json.integer("good"), failed: try json.integer("failed"), refused: try json.integer("refused"))
    }
}

extension DroverStatus.Counters.Restarts {
    fileprivate var jsonValue: JSONValue { ["child": .string(child), "count": .integer(count)] }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        self.init(child: try json.string("child"), count: try json.integer("count"))
    }
}

extension DroverStatus.Counters.Stop {
    fileprivate var jsonValue: JSONValue { ["outcome": .string(outcome.rawValue), "rung": .integer(rung)] }

    fileprivate init(_ json: JSONValue) throws(JSONMismatch) {
        guard let outcome = Outcome(rawValue: try json.string("outcome")) else {
            throw JSONMismatch(at: "outcome", expected: "an outcome of a stop")
        }
        self.init(rung: try json.integer("rung"), outcome: outcome)
    }
}
