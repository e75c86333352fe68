import Basics

/// What is known of the guest's seed before it is built: never a secret's content.
public struct SeedFinding: Equatable, Sendable {
    /// The guest gets one.
    public var isPresent = false
    /// What goes into it, or why there is none; nil when there is nothing to say.
    public var summary: String?
    public var warnings: [String] = []
    public var faults: [Fault] = []

    public init() {}
}
