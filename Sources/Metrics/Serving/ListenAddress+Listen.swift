import Basics
import Linux
import Machine
import Operator

extension ListenAddress {
    func listen() throws(ClientFailure) -> Descriptor {
        do throws(Errno) {
            switch self {
            case .ipv4(let address, let port), .ipv6(let address, let port):
                return try TCPListener.listen(address: address, port: port)
            case .unix(let path):
                return try ListeningSocket(path: path).descriptor
            }
        } catch {
            let remedy =
                switch error {
                case .addressInUse: "somebody else has it; use another port or path"
                case .addressNotAvailable, .addressFamilyNotSupported:
                    "it is no address of this container; write 0.0.0.0 or an address that it has"
                case .permissionDenied, .notPermitted: "use a port from 1024 on, or a folder that this uid can write to"
                default: "see drover help environment"
                }
            throw ClientFailure(.broken, "METRICS_LISTEN: \(quoted(text)) cannot be listened on: \(error); \(remedy)")
        }
    }
}
