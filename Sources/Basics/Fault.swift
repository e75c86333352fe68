import Linux

/// Why a guest cannot be started.
public struct Fault: Error, Equatable, Hashable, Sendable {
    public enum Kind: Sendable {
        /// A value that cannot be used as it stands.
        case configuration
        /// QEMU or a needed file is not there.
        case unavailable
        /// This uid may not do it.
        case notPermitted
        /// It may work later: a lock, memory.
        case temporary
    }

    public let kind: Kind
    /// What has to be changed: the name of a variable, an option such as `-o`, or `command line`.
    public let source: String
    /// The input, the reason and the remedy in one line, lower case, no full stop.
    public let message: String

    public init(_ kind: Kind, _ source: String, _ message: String) {
        self.kind = kind
        self.source = source
        self.message = message
    }
}

extension Fault.Kind {
    /// Of a file that could not be used: an EPERM comes from the container's list of devices.
    public init(_ errno: Errno) {
        switch errno {
        case .permissionDenied, .notPermitted, .readOnlyFileSystem: self = .notPermitted
        default: self = .unavailable
        }
    }
}

extension Fault: CustomStringConvertible {
    public var description: String { "\(source): \(message)" }
}
