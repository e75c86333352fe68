import Glibc
import Linux
import TestSupport
import Testing

@Suite struct ListeningSocketTests {
    private let folder: TemporaryFolder
    private var directory: String { folder.path }

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test func itIsForItsOwnerAloneAndKnowsWhoConnects() throws {
        let socket = try ListeningSocket(path: directory + "/a.sock")
        #expect(try FileStatus(of: socket.path).permissions == 0o600)
        #expect(throws: Errno.wouldBlock) { try socket.accept() }

        let client = try Descriptor.connect(unix: socket.path, until: soon())
        let (connection, peer) = try socket.accept()
        #expect(peer == ListeningSocket.Peer(pid: getpid(), uid: geteuid()))
        #expect(try connection.isReadByPeer())
        #expect(try connection.write([1, 2, 3]) == 3)
        #expect(try !connection.isReadByPeer())
        #expect(try client.receive(until: soon()) == [1, 2, 3])
        #expect(try connection.isReadByPeer())
    }

    @Test func oneThatIsServedIsLeftAlone() throws {
        let socket = try ListeningSocket(path: directory + "/a.sock")
        #expect(throws: Errno.addressInUse) { try ListeningSocket(path: socket.path) }
    }

    @Test func oneThatWasLeftBehindIsReplaced() throws {
        func leaveBehind() throws { _ = try ListeningSocket(path: directory + "/a.sock") }
        try leaveBehind()
        let socket = try ListeningSocket(path: directory + "/a.sock")
        _ = try Descriptor.connect(unix: socket.path, until: soon())
        socket.removeFile()
        #expect(throws: Errno.noSuchFile) { try FileStatus(of: socket.path) }
    }

    @Test func aFileOfThatNameIsLeftAlone() throws {
        _ = try Descriptor.open(directory + "/file", [.create, .writeOnly])
        #expect(throws: Errno.fileExists) { try ListeningSocket(path: directory + "/file") }
        #expect(try FileStatus(of: directory + "/file").kind == .regular)
    }

    @Test func aNameMustFitAnAddress() {
        let path = directory + "/" + String(repeating: "x", count: 108)
        #expect(throws: Errno.nameTooLong) { try ListeningSocket(path: path) }
    }
}
