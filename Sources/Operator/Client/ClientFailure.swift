import Basics

/// Why a client cannot do what it was asked to, in one line: input, reason, remedy.
public struct ClientFailure: Error, Equatable, Sendable {
    public let exit: ClientExit
    public let message: String

    public init(_ exit: ClientExit, _ message: String) {
        self.exit = exit
        self.message = message
    }
}

extension ClientFailure: CustomStringConvertible {
    public var description: String { message }
}
