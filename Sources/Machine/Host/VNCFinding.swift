import Basics

/// What is known of the VNC server's password: never what it is.
public struct VNCFinding: Equatable, Sendable {
    /// There is a good one, so the server may listen on the network.
    public var hasPassword = false
    public var warnings: [String] = []
    public var faults: [Fault] = []

    public init() {}
}
