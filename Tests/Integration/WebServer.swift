import Foundation
import Glibc
import Linux
import Testing

/// A web server that somebody else wrote (busybox httpd), over the folder `web` of a workspace.
final class WebServer {
    let address: String
    private let pid: Int32
    private let log: String

    init(_ workspace: Workspace) throws {
        let port = try GuestLogin.freePort()
        address = "http://127.0.0.1:\(port)"
        log = "\(workspace.path)/requests"
        let output = try Descriptor.open(log, [.writeOnly, .create])
        pid = try Spawn(
            path: "/usr/bin/busybox",
            arguments: ["busybox", "httpd", "-f", "-vv", "-p", "127.0.0.1:\(port)", "-h", "\(workspace.path)/web"],
            environment: ["PATH=/usr/bin:/bin"], descriptors: [try Descriptor.open("/dev/null"), output, output],
            parentDeathSignal: .kill
        ).start()
        try shell("curl -s --retry 50 --retry-connrefused --retry-delay 1 -o /dev/null \(address)/; : >'\(log)'")
    }

    /// The status of each answer, such as 200.
    func answers() throws -> [String] {
        try String(contentsOfFile: log, encoding: .utf8).matches(of: /response:([0-9]+)/).map { String($0.1) }
    }

    deinit {
        kill(pid, SIGKILL)
        var wstatus: Int32 = 0
        waitpid(pid, &wstatus, 0)
    }
}
