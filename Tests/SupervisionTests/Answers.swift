import QMP

extension QMPSession.Incoming {
    /// An answer in which only the run state matters.
    static func answered(_ command: QMPCommand, status: String?) -> Self {
        .answered(command, ["status": status.map { .string($0) }])
    }
}
