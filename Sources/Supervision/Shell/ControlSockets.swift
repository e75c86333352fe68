import Basics
import Linux
import Machine

/// What PID 1 serves and leaves in its runtime directory.
public struct ControlSockets {
    let qmp: ListeningSocket
    let console: ListeningSocket
    private let directory: RuntimeDirectory

    /// - Throws: `.temporary` when another drover serves the directory.
    public init(_ directory: RuntimeDirectory) throws(Fault) {
        self.directory = directory
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
        } catch {
            throw Fault(.notPermitted, "DROVER_RUNTIME_DIR", "\(quoted(path)) cannot be served: \(error)")
        }
    }

    /// Clients that come from now on learn at once that nobody is here.
    func remove() {
        qmp.removeFile()
        console.removeFile()
    }

    /// For the next run, when the directory outlives this one; nothing depends on it.
    func writeLastStop(_ line: String) {
        guard let file = try? Descriptor.open(directory.lastStop, [.writeOnly, .create, .truncate]) else { return }
        try? file.writeAll(Array("\(line)\n".utf8))
    }
}
