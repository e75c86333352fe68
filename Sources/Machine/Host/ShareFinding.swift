import Basics

/// What is known of the shared folder before the guest gets it.
public struct ShareFinding: Equatable, Sendable {
    /// What is on its CD; nil when there is none.
    public var summary: String?
    public var warnings: [String] = []
    public var faults: [Fault] = []

    public init() {}
}
