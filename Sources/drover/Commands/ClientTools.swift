import Glibc
import Linux
import Operator

/// PID 1's sockets, where the environment says that they are.
var runtimeSockets: RuntimeSockets { RuntimeSockets(environment: processEnvironment()) }

/// For PID 1 to take the connection and greet, which it does once QEMU has.
func connectToPID1() throws(ClientFailure) -> QMPClient {
    try QMPClient.connect(to: runtimeSockets.qmp, until: .now() + .seconds(5))
}
