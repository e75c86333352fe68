import Glibc
import Linux
import Testing

@Suite final class ListeningSocketTests {
    private let directory: String

    init() throws {
        var template = Array("/tmp/drover-sockets.XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for name in ["a.sock", "file"] { unlink(directory + "/" + name) }
        rmdir(directory)
    }

    @Test func itIsForItsOwnerAloneAndKnowsWhoConnects() throws {
        let socket = try ListeningSocket(path: directory + "/a.sock")
        #expect(try FileStatus(of: socket.path).permissions == 0o600)
        #expect(throws: Errno.wouldBlock) { try socket.accept() }

        let client = try connect(to: socket.path)
        let (connection, peer) = try socket.accept()
        #expect(peer == ListeningSocket.Peer(pid: getpid(), uid: geteuid()))
        #expect(try connection.isReadByPeer())
        #expect(try connection.write([1, 2, 3]) == 3)
        #expect(try !connection.isReadByPeer())
        var received = [UInt8](repeating: 0, count: 8)
        #expect(try client.read(into: &received) == 3)
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
        _ = try connect(to: socket.path)
        socket.removeFile()
        #expect(throws: Errno.noSuchFile) { try FileStatus(of: socket.path) }
    }

    @Test func aFileOfThatNameIsLeftAlone() throws {
        _ = try Descriptor.open(directory + "/file", [.create, .writeOnly])
        #expect(throws: Errno.addressInUse) { try ListeningSocket(path: directory + "/file") }
        #expect(try FileStatus(of: directory + "/file").kind == .regular)
    }

    @Test func aNameMustFitAnAddress() {
        let path = directory + "/" + String(repeating: "x", count: 108)
        #expect(throws: Errno.nameTooLong) { try ListeningSocket(path: path) }
    }

    private func connect(to path: String) throws -> Descriptor {
        let descriptor = Descriptor(owning: try retryingInterrupts { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) })
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = try retryingInterrupts {
                    Glibc.connect(descriptor.rawValue, address, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        return descriptor
    }
}
