import CLinux
import Glibc

/// Whether a socket of this machine can have an IPv4 address (bind(2), to no port in particular).
///
/// - Parameter address: in dotted form.
/// - Returns: true too when that cannot be found out.
public func isLocalAddress(_ address: String, datagrams: Bool) -> Bool {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    guard inet_pton(AF_INET, address, &name.sin_addr) == 1 else { return true }
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
