import JSON

/// How a run ended: the last event of those who have asked for its stop, when QEMU and its events are gone.
public struct DroverEnd: Equatable, Sendable {
    static let event = "DROVER_END"

    /// The exit code of the run.
    public let exit: Int
    /// One line, as in the log.
    public let reason: String

    public init(exit: Int, reason: String) {
        self.exit = exit
        self.reason = reason
    }

    /// Nil when it is another event, or has another shape.
    public init?(event name: String, _ data: JSONValue?) {
        guard name == Self.event, let exit = data?["exit"]?.integer(), let reason = data?["reason"]?.text else {
            return nil
        }
        self.init(exit: exit, reason: reason)
    }

    /// With its end.
    public var line: [UInt8] {
        let event: JSONValue = [
            "event": .string(Self.event), "data": ["exit": .integer(exit), "reason": .string(reason)],
        ]
        return event.encoded() + [13, 10]
    }
}
