import Basics
import Linux
import Machine

/// What PID 1 serves in its runtime directory, and of that in the directory for a browser's bridge.
public struct ControlSockets {
    let qmp: ListeningSocket
    let console: ListeningSocket
    /// Nil: there is no directory for a bridge.
    let screenConsole: ListeningSocket?

    /// - Throws: `.temporary` when another drover serves the directory.
    public init(_ directory: RuntimeDirectory, screen: RuntimeDirectory? = nil) throws(Fault) {
        qmp = try Self.listen(directory.qmpSocket, in: directory)
        console = try Self.listen(directory.consoleSocket, in: directory)
        screenConsole = try screen.map { (screen) throws(Fault) in
            try Self.listen(screen.consoleSocket, in: screen)
        }
    }

    private static func listen(_ path: String, in directory: RuntimeDirectory) throws(Fault) -> ListeningSocket {
        do throws(Errno) {
            return try ListeningSocket(path: path)
        } catch .addressInUse {
            throw Fault(
                .temporary, directory.variable,
                "\(quoted(path)) is in use; another drover runs there: give each a directory of its own"
            )
        } catch .fileExists {
            throw Fault(
                .configuration, directory.variable,
                "\(quoted(path)) is there already, and is no socket; remove it or name another directory")
        } catch {
            throw Fault(.notPermitted, directory.variable, "\(quoted(path)) cannot be served: \(error)")
        }
    }

    /// Clients that come from now on learn at once that nobody is here.
    func remove() {
        qmp.removeFile()
        console.removeFile()
        screenConsole?.removeFile()
    }
}
