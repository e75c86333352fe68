import Glibc
import Linux

/// A listening socket. Its name stays behind, as a killed server's does.
package final class Listener: Sendable {
    private let descriptor: Descriptor

    package init(unix path: String, backlog: Int32 = 8) throws {
        descriptor = Descriptor(
            owning: try retryingInterrupts { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) })
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        try bind(&address, backlog)
    }

    /// On a free port of the loopback.
    package init(tcp: Void, backlog: Int32 = 8) throws {
        descriptor = Descriptor(
            owning: try retryingInterrupts { socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) })
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        try bind(&address, backlog)
    }

    private func bind<Address>(_ address: inout Address, _ backlog: Int32) throws {
        try retryingInterrupts {
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.bind(descriptor.rawValue, $0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        try retryingInterrupts { listen(descriptor.rawValue, backlog) }
    }

    package var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor.rawValue, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// The next client; nil when none comes.
    package func accept(within seconds: Int = 30) -> Descriptor? {
        typealias Accept =
            @convention(c) (
                Int32, UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>?, Int32
            ) -> Int32
        guard let accept = try? hiddenFunction("accept4", as: Accept.self),
            (try? descriptor.wait(until: .readable, .within(seconds))) == true,
            let raw = try? retryingInterrupts({ accept(descriptor.rawValue, nil, nil, O_CLOEXEC) })
        else { return nil }
        return Descriptor(owning: raw)
    }

    /// Takes no more clients; who waits in `accept` learns that none comes.
    package func close() {
        shutdown(descriptor.rawValue, Int32(SHUT_RD))
    }

    /// A port of loopback that nobody has now.
    package static func freePort() throws -> UInt16 { try Listener(tcp: ()).port }
}
