import Basics
import Linux

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

extension ClientFailure {
    /// What to tell of a system call that failed on a file.
    ///
    /// - Parameter what: completes a message that begins with the path.
    public init(_ error: Errno, _ path: String, _ what: String) {
        let exit: ClientExit =
            switch error {
            case .permissionDenied, .notPermitted, .readOnlyFileSystem: .notPermitted
            case .noSuchFile: .absent
            default: .no
            }
        self.init(exit, "\(quoted(path)) \(what)")
    }

    /// Does what may fail on a file.
    ///
    /// - Parameter what: as above; the error's own words follow it.
    static func of<Result>(
        _ path: String, _ what: String, _ body: () throws(Errno) -> Result
    ) throws(ClientFailure) -> Result {
        do throws(Errno) {
            return try body()
        } catch {
            throw ClientFailure(error, path, "\(what): \(error)")
        }
    }

    /// What stands in a machine's way stands in a client's.
    public init(_ fault: Fault) {
        let exit: ClientExit =
            switch fault.kind {
            case .configuration: .usage
            case .unavailable: .absent
            case .notPermitted: .notPermitted
            case .temporary: .deadline
            }
        self.init(exit, fault.description)
    }
}
