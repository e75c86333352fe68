import Linux
import TestSupport

/// A web server that somebody else wrote (busybox httpd), over the folder `web` of a workspace.
///
/// It serves one connection at a time, as inetd would have it do: so there is nothing to wait for before the first.
final class WebServer {
    let address: String
    private let listener: Listener
    private let log: String

    init(_ workspace: Workspace) throws {
        let listener = try Listener(tcp: ())
        self.listener = listener
        address = "http://127.0.0.1:\(listener.port)"
        log = "\(workspace.path)/requests"
        let output = try Descriptor.open(log, [.writeOnly, .create])
        let arguments = ["httpd", "-i", "-vv", "-h", "\(workspace.path)/web"]
        _ = Server {
            while let client = listener.accept(within: 600) {
                let server = try? ChildProcess("/usr/bin/busybox", arguments, descriptors: [client, client, output])
                _ = try? server?.waitForExit(within: 60)
            }
        }
    }

    /// The status of each answer, such as 200.
    func answers() throws -> [String] {
        let lines = String(decoding: try readFile(log, limit: 1 << 20), as: UTF8.self)
        return lines.matches(of: /response:([0-9]+)/).map { String($0.1) }
    }

    deinit {
        listener.close()
    }
}
