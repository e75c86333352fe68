import Linux
import TestSupport
import Testing

@testable import Operator

@Test func theSocketsLieInTheRuntimeDirectory() {
    let sockets = RuntimeSockets(directory: "/run/drover")
    #expect(sockets.qmp == "/run/drover/qmp.sock")
    #expect(sockets.console == "/run/drover/console.sock")
}

private func directory(of owner: UInt32, _ permissions: UInt32 = 0o700) -> FileStatus {
    FileStatus(kind: .directory, permissions: permissions, owner: owner, group: 0)
}

/// The client's uid, the server's, the directory, and whether the client speaks to the server.
@Test(
    arguments: [
        (10001, 10001, directory(of: 10001), true), (10001, 0, directory(of: 0), true),
        (10001, 666, directory(of: 666), false), (10001, 666, directory(of: 0, 0o1777), false),
        (0, 0, directory(of: 0), true), (0, 10001, directory(of: 10001), true),
        (0, 666, directory(of: 10001), false), (0, 666, directory(of: 0, 0o1777), false),
        (0, 666, directory(of: 666, 0o1777), false), (0, 666, directory(of: 666, 0o770), false), (0, 666, nil, false),
    ] as [(UInt32, UInt32, FileStatus?, Bool)])
func nothingIsSentToAnImpostor(_ client: UInt32, _ server: UInt32, _ directory: FileStatus?, _ isAdmitted: Bool) {
    let admission = ServerAdmission(uid: client, directory: directory)
    #expect(admission.admits(ListeningSocket.Peer(pid: 1, uid: server)) == isAdmitted)
}
