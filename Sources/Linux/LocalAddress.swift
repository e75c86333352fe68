import CLinux
import Glibc

/// Whether a socket of this machine can have an IPv4 address (bind(2), to no port in particular).
///
/// - Parameter address: in dotted form.
/// - Returns: true too when that cannot be found out.
public func isLocalAddress(_ address: String, datagrams: Bool) -> Bool {
    guard var name = sockaddr_in(address, port: 0) else { return true }
    let type = Int32((datagrams ? SOCK_DGRAM : SOCK_STREAM).rawValue) | O_CLOEXEC
    do throws(Errno) {
        let socket = Descriptor(owning: try retryingInterrupts { Glibc.socket(AF_INET, type, 0) })
        try retryingInterrupts {
            withUnsafePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket.rawValue, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        return true
    } catch {
        return error != .addressNotAvailable
    }
}

extension sockaddr_in {
    /// - Returns: nil when `address` is not IPv4 in dotted form.
    init?(_ address: String, port: UInt16) {
        self.init()
        sin_family = sa_family_t(AF_INET)
        sin_port = port.bigEndian
        guard inet_pton(AF_INET, address, &sin_addr) == 1 else { return nil }
    }
}
