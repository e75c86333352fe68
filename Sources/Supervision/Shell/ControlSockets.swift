import Basics
import Linux
import Machine

/// What PID 1 serves in its runtime directory.
public struct ControlSockets {
    let qmp: ListeningSocket
    let console: ListeningSocket

    /// - Throws: `.temporary` when another drover serves the directory.
    public init(_ directory: RuntimeDirectory) throws(Fault) {
        qmp = try Self.listen(directory.qmpSocket)
        console = try Self.listen(directory.consoleSocket)
    }

    private static func listen(_ path: String) throws(Fault) -> ListeningSocket {
        do throws(Errno) {
            return try ListeningSocket(path: path)
        } catch .addressInUse {
            throw Fault(
                .temporary, "DROVER_RUNTIME_DIR",
                "\(quoted(path)) is in use; another drover runs there: give each a directory of its own"
            )
        } catch .fileExists {
            throw Fault(
                .configuration, "DROVER_RUNTIME_DIR",
                "\(quoted(path)) is there already, and is no socket; remove it or name another directory")
        } catch {
            throw Fault(.notPermitted, "DROVER_RUNTIME_DIR", "\(quoted(path)) cannot be served: \(error)")
        }
    }

    /// Clients that come from now on learn at once that nobody is here.
    func remove() {
        qmp.removeFile()
        console.removeFile()
    }
}
