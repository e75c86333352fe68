import Basics
import Glibc
import Linux
import Operator

/// PID 1's sockets, where the environment says that they are.
var runtimeSockets: RuntimeSockets { RuntimeSockets(environment: processEnvironment()) }

/// For PID 1 to take the connection and greet, which it does once QEMU has.
func connectToPID1() throws(ClientFailure) -> QMPClient {
    try QMPClient.connect(to: runtimeSockets.qmp, until: .now() + .seconds(5))
}

/// For work on disks that no run has.
func qemuImg() throws(ClientFailure) -> QEMUImg {
    QEMUImg(path: try toolPath("qemu-img"))
}

/// Of a program of qemu-utils.
func toolPath(_ name: String) throws(ClientFailure) -> String {
    if let path = findExecutable(name, path: executablePath()) { return path }
    throw ClientFailure(
        .absent, "\(name) is not in \(quoted(executablePath())); install it, such as Debian's qemu-utils")
}

/// Where programs are looked for.
func executablePath() -> String {
    processEnvironment()["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}
