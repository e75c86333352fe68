import Foundation
import Glibc
import Linux

/// A thread of its own for the other end of a conversation.
final class Server: Sendable {
    private let end = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let end = end
        Thread.detachNewThread {
            body()
            end.signal()
        }
    }

    func join() { end.wait() }
}

/// A listening socket. Its name stays behind, as a killed server's does.
final class Listener: Sendable {
    let descriptor: Descriptor

    init(unix path: String, backlog: Int32 = 8) throws {
        descriptor = Descriptor(
            owning: try retryingInterrupts { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0) })
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        try bind(&address, backlog)
    }

    /// On a free port of the loopback.
    init(tcp: Void, backlog: Int32 = 8) throws {
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

    var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor.rawValue, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// The next client; nil when none comes.
    func accept() -> Descriptor? {
        guard (try? descriptor.wait(until: .readable, soon())) == true else { return nil }
        let raw = Glibc.accept(descriptor.rawValue, nil, nil)
        return raw < 0 ? nil : Descriptor(owning: raw)
    }
}

extension Descriptor {
    /// Reads until `text` has come; nil when it does not, or the other end closes. Forgets what was before.
    func read(until text: String) -> String? {
        var seen: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while (try? wait(until: .readable, soon())) == true {
            guard let count = try? read(into: &buffer), count > 0 else { return nil }
            seen += buffer[..<count]
            let shown = String(decoding: seen, as: UTF8.self)
            if shown.contains(text) { return shown }
        }
        return nil
    }

    func say(_ text: String) {
        try? writeAll(Array(text.utf8))
    }
}
