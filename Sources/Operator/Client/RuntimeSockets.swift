import Basics
import Glibc
import Linux
import Machine

/// The sockets that PID 1 serves in its runtime directory (DROVER_RUNTIME_DIR).
public struct RuntimeSockets: Equatable, Sendable {
    public let directory: String
    /// QMP for any number of clients.
    public var qmp: String { RuntimeDirectory(directory).qmpSocket }
    /// The guest's first serial port, as a byte stream both ways.
    public var console: String { RuntimeDirectory(directory).consoleSocket }

    public init(directory: String) {
        self.directory = directory
    }

    /// Where PID 1 serves them when it has the same environment, as `docker exec` gives it. The other variables, and
    /// whether they are right, are no client's business.
    public init(environment: [String: String]) {
        let named = (environment["DROVER_RUNTIME_DIR"] ?? "")[...].trimmed
        self.init(directory: named.isEmpty ? Configuration().operation.runtimeDirectory : String(named))
    }

    /// Connects to one of them. Nothing has been sent when PID 1 is not who serves it.
    public static func connect(to path: String, until deadline: Instant) throws(ClientFailure) -> Descriptor {
        let connection: Descriptor
        let server: ListeningSocket.Peer
        do throws(Errno) {
            connection = try Descriptor.connect(unix: path, until: deadline)
            server = try connection.peer()
        } catch {
            throw failure(error, path)
        }
        let admission = ServerAdmission(uid: geteuid(), directory: try? FileStatus(of: directoryName(path)))
        guard admission.admits(server) else {
            let who =
                "uid \(server.uid) (pid \(server.pid)), which is neither root nor this process's uid, \(admission.uid)"
            throw ClientFailure(
                .notPermitted,
                "\(plain(path)) is served by \(who); nothing was sent; is DROVER_RUNTIME_DIR drover's own?")
        }
        return connection
    }

    static func failure(_ error: Errno, _ path: String) -> ClientFailure {
        switch error {
        case .noSuchFile:
            let remedy = "is drover running, with the same DROVER_RUNTIME_DIR?"
            return ClientFailure(.absent, "PID 1 is not there: no socket at \(plain(path)); \(remedy)")
        case .connectionRefused:
            let reason = "nobody listens at \(plain(path)) any more"
            return ClientFailure(.absent, "PID 1 is not there: \(reason); start drover again")
        case .permissionDenied, .notPermitted:
            let remedy = "use the uid that drover runs as, or root (docker exec --user)"
            return ClientFailure(.notPermitted, "\(plain(path)) is not for this uid; \(remedy)")
        case .nameTooLong:
            let remedy = "a socket's path has 107 bytes at the most; shorten DROVER_RUNTIME_DIR"
            return ClientFailure(.absent, "\(plain(path)) is too long: \(remedy)")
        case .timedOut:
            return ClientFailure(.deadline, "\(plain(path)): PID 1 does not take the connection; is it stopped?")
        default:
            return ClientFailure(.absent, "\(plain(path)) cannot be reached: \(error); is drover running here?")
        }
    }

    /// A path as it is, unless it holds what a terminal could misunderstand.
    private static func plain(_ path: String) -> String {
        let shown = quoted(path)
        return shown == "\"\(path)\"" ? path : shown
    }
}
