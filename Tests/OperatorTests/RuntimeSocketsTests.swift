import Operator
import Testing

@Test func theSocketsLieInTheRuntimeDirectory() {
    let sockets = RuntimeSockets(directory: "/run/drover")
    #expect(sockets.qmp == "/run/drover/qmp.sock")
    #expect(sockets.console == "/run/drover/console.sock")
}
